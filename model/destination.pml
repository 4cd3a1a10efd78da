/* The world that somebody comes to: one machine for each transfer of the other world. */
/* The other world's n-th departure, at node i. */
proctype Destination(byte i; byte n) {
  byte x = X(1 - W(i), n);
end:
  do
  :: d_step { /* R3: only what is undecided; R14: only a higher hop, and nobody who is here or in escrow here */
      Free(i) && FromOrigin(x, PASSPORT) &&
#if defined(M_NO_DEDUPLICATION)
      !(V(i).arr[n] & SHUT) &&
#elif defined(M_TOMBSTONE_IGNORED)
      (V(i).arr[n] == UNDECIDED || V(i).arr[n] == REFUSED) &&
#else
      V(i).arr[n] == UNDECIDED &&
#endif
#ifndef M_ADMIT_WHO_IS_HERE
      V(i).who == AWAY &&
#endif
#ifdef M_STALE_HOP
      HopOf(x) > 0 ->
#else
      HopOf(x) > V(i).hop ->
#endif
      Mark(Admit);
      printf("node %d: ADMIT %c%d\n", i, Name(1 - W(i), n));
      admittedTwice = (V(i).who != AWAY);
      assert(!admittedTwice); /* I1, in one world */
      Append(i);
      V(i).who = HERE;
      V(i).hop = HopOf(x);
      V(i).arr[n] = ADMITTED;
#ifdef M_RECEIPT_EARLY
      Send(x, RECEIPT);
#endif
      Taken(x, PASSPORT);
      Judge()
    }
  :: d_step { /* R3: refused by policy, as stale or as expired (any passport may be: R7, time only rejects); or on a cancel */
#ifdef M_CANCEL_UNANSWERED
      Free(i) && FromOrigin(x, PASSPORT) &&
#else
      Free(i) && FromOrigin(x, PASSPORT | CANCEL) &&
#endif
#ifdef M_NO_DEDUPLICATION
      V(i).arr[n] != REFUSED && !(V(i).arr[n] & SHUT) ->
#else
      V(i).arr[n] == UNDECIDED ->
#endif
#ifdef M_NO_TOMBSTONE
      Send(x, REFUSAL);
#else
      Mark(Refuse);
      printf("node %d: REFUSE %c%d\n", i, Name(1 - W(i), n));
      Append(i);
      V(i).arr[n] = REFUSED;
#ifdef M_REFUSAL_EARLY
      Send(x, REFUSAL);
#endif
#endif
#ifdef CHANNEL
      if
      :: net[x] & CANCEL -> Mark(RefuseOnCancel); Taken(x, CANCEL)
      :: else -> Mark(RefuseOnPassport); Taken(x, PASSPORT)
      fi;
#endif
      Judge()
    }
  :: d_step { /* R6: the origin will not ask again */
      Free(i) && FromOrigin(x, CLOSE) && (V(i).arr[n] == ADMITTED || V(i).arr[n] == REFUSED) ->
      Mark(Closed);
      printf("node %d: CLOSED %c%d\n", i, Name(1 - W(i), n));
      Append(i);
      V(i).arr[n] = V(i).arr[n] | SHUT;
      Taken(x, CLOSE);
      Judge()
    }
  :: d_step { /* R6: closed, and its passport expired for good (R7) */
#if defined(M_FORGET_BEFORE_CLOSE) || defined(M_FORGET_UNCLOSED)
      Free(i) && (V(i).arr[n] == ADMITTED || V(i).arr[n] == REFUSED) ->
#else
      Free(i) && (V(i).arr[n] & SHUT) ->
#endif
      Mark(Forget);
      printf("node %d: FORGET %c%d\n", i, Name(1 - W(i), n));
      Append(i);
#if defined(M_FORGET_BEFORE_CLOSE) || defined(M_FORGET_BEFORE_EXPIRY)
      V(i).arr[n] = UNDECIDED;
#else
      V(i).arr[n] = FORGOTTEN;
#endif
      Judge()
    }
#ifdef M_REFUSES_THE_ADMITTED
  :: d_step { /* against R5: a cancel is answered "refused" whatever was decided */
      FromOrigin(x, CANCEL) && (V(i).arr[n] & ADMITTED) ->
      Send(x, REFUSAL)
    }
#endif
#ifdef CHANNEL
  :: d_step { /* R5: the same question, the same answer, once it is durable; the forgotten gets none */
      (net[x] & (PASSPORT | STATUS | CANCEL)) && V(i).arr[n] != UNDECIDED ->
      Mark(SameAnswer);
      Taken(x, PASSPORT | STATUS | CANCEL);
      if
      :: K(i).arr[n] & ADMITTED -> Mark(AdmittedBefore); Send(x, RECEIPT)
      :: K(i).arr[n] & REFUSED -> Mark(RefusedBefore); Send(x, REFUSAL)
      :: else -> Mark(NoAnswerYet)
      fi
    }
  :: d_step { /* a status decides nothing */
      (net[x] & STATUS) && V(i).arr[n] == UNDECIDED ->
      Mark(StatusUndecided);
      Taken(x, STATUS)
    }
#ifdef M_CANCEL_UNANSWERED
  :: d_step {
      (net[x] & CANCEL) && V(i).arr[n] == UNDECIDED ->
      Taken(x, CANCEL)
    }
#endif
  :: d_step {
      (net[x] & CLOSE) && V(i).arr[n] >= SHUT ->
      Mark(ClosedBefore);
      Taken(x, CLOSE)
    }
#endif
  od
}
