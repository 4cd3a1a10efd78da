/* The judge: what must hold in every reachable state. It changes nothing, and no rule reads what it reads. */
#define Admitted(c, n, x) ((c.arr[n] & ADMITTED) || (done[x] & ADMIT))

/* I1, I3: in every state that a crash could leave now, the traveller is in one world, or in one open departure not admitted. */
inline JudgePlaces(ca, cb) {
  live = (ca.who == HERE) + (cb.who == HERE);
  held = 0;
  for (k : 0 .. N - 1) {
    held = held + (ca.out[k] == OPEN && !Admitted(cb, k, X(A, k))) + (cb.out[k] == OPEN && !Admitted(ca, k, X(B, k)))
  }
  duplicated = (live + held > 1);
  assert(!duplicated); /* I1 */
  lost = (live + held == 0);
  assert(!lost) /* I3 */
}

/* I5 and I6, for every transfer. */
inline JudgeRecords() {
  for (k : 0 .. 2 * N - 1) {
    admittedAndRefused = (done[k] & ADMIT) && (done[k] & REFUSE);
    assert(!admittedAndRefused); /* I5 */
    releasedAndRefunded = (done[k] & RELEASE) && (done[k] & REFUND);
    assert(!releasedAndRefunded); /* I5 */
#ifndef LIAR
    refundedAndAdmitted = (done[k] & REFUND) && (done[k] & ADMIT);
    assert(!refundedAndAdmitted); /* I5 */
    releasedNotAdmitted = (done[k] & RELEASE) && !(done[k] & ADMIT);
    assert(!releasedNotAdmitted); /* I5 */
#endif
    uncommitted = ((net[k] & PASSPORT) && !(done[k] & DEPART)) || ((net[k] & CLOSE) && !(done[k] & (RELEASE | REFUND))) ||
      ((net[k] & RECEIPT) && !(done[k] & ADMIT)) || ((net[k] & REFUSAL) && !(done[k] & REFUSE));
    assert(!uncommitted) /* I6 */
  }
}

inline Judge() {
#if defined(FAILOVER)
  for (b : 0 .. tail[1]) {
    JudgePlaces(state[STORES], LEVEL(1, b))
  }
#elif !defined(LIAR)
  for (a : 0 .. tail[A]) {
    for (b : 0 .. tail[B]) {
      JudgePlaces(LEVEL(A, a), LEVEL(B, b))
    }
  }
#endif
#ifndef HARM_ALONE
  JudgeRecords();
#endif
  skip
}
