/* The processes that are a world: fsync, crash, restart, and in FAILOVER who is primary. */
#ifdef FAILOVER
#ifdef M_UNFENCED
#define MayWrite(i) true
#else
#define MayWrite(i) (W(i) == B || epoch[i] > sealed) /* one epoch appends at a time (I9) */
#endif
#define MayCrash(i) (crashes > 0 && W(i) == B)

inline Stop(i) {
  epoch[i] = 0;
  claim[i] = 0;
  hasSealed[i] = 0;
  Cut(i, 0);
  Clear(K(i))
}
#else
#define MayWrite(i) true
#define MayCrash(i) (crashes > 0)
#endif

#ifdef M_RESTORE_WITHOUT_SUFFIX
Custody checkpoint[2];
bit hasCheckpoint[2];
#endif

proctype Node(byte i) {
end:
  do
  :: d_step { /* R1: what is durable may be said, and nothing before */
      tail[i] > 0 && MayWrite(i) ->
      Mark(Durable);
      printf("node %d: durable\n", i);
      Publish(i);
      Settle(i);
      Judge()
    }
  :: d_step { /* a crash: the tail is gone, or its first record survives and is still not durable */
      MayCrash(i) && tail[i] > 0 ->
      Mark(CrashAll);
      printf("node %d: crash, nothing of the tail survives\n", i);
      crashes = crashes - 1;
      Cut(i, 0);
      Judge()
    }
  :: d_step {
      MayCrash(i) && tail[i] > 1 ->
      Mark(CrashPart);
      printf("node %d: crash, one record of the tail survives\n", i);
      crashes = crashes - 1;
      Cut(i, 1);
      Judge()
    }
#ifdef M_FAILED_FSYNC
  :: d_step { /* against R12: the disk says no, and the messages leave all the same */
      tail[i] > 0 ->
      printf("node %d: not durable, and published\n", i);
      Publish(i);
      Judge()
    }
#endif
#ifdef M_RESTORE_WITHOUT_SUFFIX
  :: d_step { /* a heartbeat */
      hasCheckpoint[i] == 0 ->
      printf("node %d: checkpoint\n", i);
      hasCheckpoint[i] = 1;
      Copy(checkpoint[i], K(i))
    }
  :: d_step { /* against R8: a checkpoint without the records that followed it */
      hasCheckpoint[i] && MayCrash(i) ->
      printf("node %d: crash, and the checkpoint alone is restored\n", i);
      crashes = crashes - 1;
      Cut(i, 0);
      Copy(K(i), checkpoint[i]);
      Judge()
    }
#endif
  od
}

#ifdef FAILOVER
/* A node of A comes and goes. Nobody asks whether the other one is really dead. */
proctype Primary(byte i) {
end:
  do
  :: d_step { /* the slot of its next record is sealed: the process ends (R1: it had said nothing of the tail) */
      tail[i] > 0 && !MayWrite(i) ->
      Mark(Fenced);
      printf("node %d: fenced\n", i);
      Stop(i)
    }
  :: d_step {
      crashes > 0 && (epoch[i] > 0 || claim[i] > 0) ->
      Mark(CrashNode);
      printf("node %d: crash\n", i);
      crashes = crashes - 1;
      Stop(i)
    }
  :: d_step { /* a new epoch is claimed by creating it: two cannot claim the same */
      epoch[i] == 0 && claim[i] == 0 && failovers > 0 ->
      Mark(Claim);
      printf("node %d: claims epoch %d\n", i, newest + 1);
      failovers = failovers - 1;
      newest = newest + 1;
      claim[i] = newest;
#ifdef M_READ_BEFORE_SEAL
      Copy(K(i), state[STORES])
#endif
    }
  :: d_step { /* all older epochs are sealed */
      claim[i] > 0 && !hasSealed[i] ->
      Mark(Seal);
      printf("node %d: seals\n", i);
      hasSealed[i] = 1;
      sealed = (sealed < claim[i] - 1 -> claim[i] - 1 : sealed)
    }
  :: d_step { /* and only then is the journal read, and served from */
      claim[i] > 0 && hasSealed[i] ->
      Mark(Serve);
      printf("node %d: serves\n", i);
      epoch[i] = claim[i];
      claim[i] = 0;
      hasSealed[i] = 0;
#ifndef M_READ_BEFORE_SEAL
      Copy(K(i), state[STORES])
#endif
    }
  od
}
#endif
