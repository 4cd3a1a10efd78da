/* The journal: records are appended, become durable or are cut by a crash; what is durable may be said (R1). */
/* A loop may not end a d_step, hence the skip behind each. */
inline Copy(to, from) {
  to.who = from.who;
  to.hop = from.hop;
  to.next = from.next;
  for (j : 0 .. N - 1) {
    to.out[j] = from.out[j];
    to.arr[j] = from.arr[j]
  }
  skip
}

inline Clear(c) {
  c.who = 0;
  c.hop = 0;
  c.next = 0;
  for (j : 0 .. N - 1) {
    c.out[j] = 0;
    c.arr[j] = 0
  }
  skip
}

/* Cuts the tail to `keep` records. */
inline Cut(i, keep) {
  for (l : keep + 1 .. TAIL) {
    Clear(LEVEL(i, l))
  }
  tail[i] = keep
}

/* A new record: what follows changes V(i). */
inline Append(i) {
  Copy(LEVEL(i, tail[i] + 1), LEVEL(i, tail[i]));
  tail[i] = tail[i] + 1
}

/* The messages that the tail's records let out. */
inline Publish(i) {
  for (k : 0 .. N - 1) {
    if
    :: V(i).out[k] == K(i).out[k] -> skip
    :: V(i).out[k] == OPEN && K(i).out[k] != OPEN -> hopOf[X(W(i), k)] = V(i).hop; Send(X(W(i), k), LEAVING)
    :: V(i).out[k] >= RELEASED && K(i).out[k] < RELEASED -> Send(X(W(i), k), CLOSE)
    :: else -> skip
    fi;
    if
    :: (V(i).arr[k] & ADMITTED) && !(K(i).arr[k] & ADMITTED) -> Send(X(1 - W(i), k), RECEIPT)
    :: (V(i).arr[k] & REFUSED) && !(K(i).arr[k] & REFUSED) -> Send(X(1 - W(i), k), REFUSAL)
    :: else -> skip
    fi
  }
}

/* The tail is durable. */
inline Settle(i) {
  highest = STORE(W(i)).hop;
  for (k : 0 .. N - 1) {
    if
    :: V(i).out[k] == OPEN -> done[X(W(i), k)] = done[X(W(i), k)] | DEPART
    :: V(i).out[k] == RELEASED -> done[X(W(i), k)] = done[X(W(i), k)] | RELEASE
    :: V(i).out[k] == REFUNDED -> done[X(W(i), k)] = done[X(W(i), k)] | REFUND
    :: else -> skip
    fi;
    if
    :: V(i).arr[k] & ADMITTED ->
      hopNotHigher = (!(done[X(1 - W(i), k)] & ADMIT) && V(i).hop <= highest);
      assert(!hopNotHigher); /* I8 */
      done[X(1 - W(i), k)] = done[X(1 - W(i), k)] | ADMIT
    :: V(i).arr[k] & REFUSED -> done[X(1 - W(i), k)] = done[X(1 - W(i), k)] | REFUSE
    :: else -> skip
    fi
  }
  if
  :: tail[i] > 0 -> Copy(K(i), V(i))
  :: else -> skip
  fi;
#ifdef FAILOVER
  if
  :: W(i) == A -> Copy(state[STORES], K(i))
  :: else -> skip
  fi;
#endif
  Cut(i, 0)
}
