/* The world that somebody leaves: one machine for each of its departures. */
/* The n-th departure of node i's world. */
proctype Origin(byte i; byte n) {
end:
  do
  :: d_step { /* R2: they leave the world and enter escrow by one record; R10: only from here */
#ifdef M_DEPART_IN_TWO
      tail[i] == 0 &&
#endif
      Free(i) && V(i).who == HERE && V(i).next == n && n + STORE(1 - W(i)).next < TRANSFERS ->
      Mark(Depart);
      printf("node %d: DEPART %c%d\n", i, Name(W(i), n));
#ifdef M_DEPART_IN_TWO
      Append(i);
      V(i).who = AWAY;
#endif
      Append(i);
      V(i).who = ESCROW;
      V(i).hop = V(i).hop + 1;
      V(i).next = n + 1;
      V(i).out[n] = OPEN;
#ifdef M_PASSPORT_EARLY
      hopOf[X(W(i), n)] = V(i).hop;
      Send(X(W(i), n), LEAVING);
#endif
      Judge()
    }
  :: d_step { /* R4: a receipt for this very transfer resolves it */
      Free(i) && V(i).out[n] == OPEN &&
#if defined(M_RELEASE_UNPROVEN)
      FromOrigin(X(W(i), n), PASSPORT) ->
#elif defined(M_RECEIPT_OF_ANOTHER)
      (FromDestination(X(W(i), n), RECEIPT) || (n > 0 && FromDestination(X(W(i), 0), RECEIPT))) ->
#else
      FromDestination(X(W(i), n), RECEIPT) ->
#endif
      Mark(Release);
      printf("node %d: RELEASE %c%d\n", i, Name(W(i), n));
      Append(i);
      V(i).who = AWAY;
      V(i).out[n] = RELEASED;
#ifdef M_CLOSE_EARLY
      Send(X(W(i), n), CLOSE);
#endif
      Taken(X(W(i), n), RECEIPT);
      Judge()
    }
  :: d_step { /* R4: so does a refusal of this very transfer, and time never does */
      Free(i) && V(i).out[n] == OPEN &&
#if defined(M_REFUND_BY_TIME)
      FromOrigin(X(W(i), n), PASSPORT) ->
#elif defined(M_REFUSAL_OF_ANOTHER)
      (FromDestination(X(W(i), n), REFUSAL) || (n > 0 && FromDestination(X(W(i), 0), REFUSAL))) ->
#else
      FromDestination(X(W(i), n), REFUSAL) ->
#endif
      Mark(Refund);
      printf("node %d: REFUND %c%d\n", i, Name(W(i), n));
      Append(i);
      V(i).who = HERE;
      V(i).hop = V(i).hop + 1;
      V(i).out[n] = REFUNDED;
#ifdef M_CLOSE_EARLY
      Send(X(W(i), n), CLOSE);
#endif
      Taken(X(W(i), n), REFUSAL);
      Judge()
    }
#ifdef M_READMIT_DEPARTED
  :: d_step { /* against R10: who reconnects is let in */
      Free(i) && V(i).out[n] == OPEN ->
      printf("node %d: departed, and here again\n", i);
      Append(i);
      V(i).who = HERE;
      Judge()
    }
#endif
#ifdef CHANNEL
  :: d_step { /* a late answer to what is resolved: closed (R6), if durably so */
      (net[X(W(i), n)] & (RECEIPT | REFUSAL)) && V(i).out[n] >= RELEASED ->
      Mark(LateAnswer);
      Taken(X(W(i), n), RECEIPT | REFUSAL);
      if
      :: K(i).out[n] >= RELEASED -> Mark(CloseAgain); Send(X(W(i), n), CLOSE)
      :: else -> Mark(CloseLater)
      fi
    }
#ifndef M_NEVER_ASKS
  :: d_step { /* the traveller reconnects and gets the same passport (R5, R10) */
      Waits(i, n) ->
      Mark(PassportAgain);
      printf("node %d: passport %c%d again\n", i, Name(W(i), n));
      Send(X(W(i), n), PASSPORT)
    }
  :: d_step {
      Waits(i, n) && statuses > 0 ->
      Mark(AskStatus);
      printf("node %d: status of %c%d?\n", i, Name(W(i), n));
      statuses = statuses - 1;
      Send(X(W(i), n), STATUS)
    }
  :: d_step { /* the passport's time is over, or the traveller would rather stay */
      Waits(i, n) ->
      Mark(AskCancel);
      printf("node %d: cancel %c%d\n", i, Name(W(i), n));
      Send(X(W(i), n), CANCEL)
    }
#endif
#endif
  od
}
