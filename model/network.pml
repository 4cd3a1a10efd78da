/* What is around the worlds: loss and replay and the end of a run (CHANNEL), and a lying origin (LIAR). */
#ifdef CHANNEL
inline PickOneOf(messages) {
  if
  :: (messages) & PASSPORT -> m = PASSPORT
  :: (messages) & CANCEL -> m = CANCEL
  :: (messages) & RECEIPT -> m = RECEIPT
  :: (messages) & REFUSAL -> m = REFUSAL
  :: (messages) & CLOSE -> m = CLOSE
  :: (messages) & STATUS -> m = STATUS
  fi
}

proctype Network(byte x) {
  byte m;
end:
  do
  :: atomic {
      losses > 0 && net[x] ->
      PickOneOf(net[x]);
      Mark(Lose);
      printf("network: message %d of %c%d is lost\n", m, Name(x / N, x % N));
      losses = losses - 1;
      Taken(x, m);
      m = 0
    }
#if REPLAYS > 0
  :: atomic {
      replays > 0 && (sent[x] & (63 - net[x])) ->
      PickOneOf(sent[x] & (63 - net[x]));
      Mark(Replay);
      printf("network: message %d of %c%d is replayed\n", m, Name(x / N, x % N));
      replays = replays - 1;
      net[x] = net[x] | m;
      m = 0
    }
#endif
  od
}

/* I12: when nothing more can happen, the traveller lives in a world and no departure is open. */
proctype Rest() {
  timeout ->
  d_step {
    unresolved = (K(A).who != HERE && K(B).who != HERE);
    for (k : 0 .. N - 1) {
      unresolved = unresolved || K(A).out[k] == OPEN || K(B).out[k] == OPEN
    }
    assert(!unresolved)
  }
}
#endif

#ifdef LIAR
proctype Liar() {
end:
  do
  :: lie < HOPS -> lie = lie + 1
  :: lie > 1 -> lie = lie - 1
  od
}
#endif
