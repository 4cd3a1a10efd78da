/* Custody of one traveller (with all they carry) between two worlds A and B, for an exhaustive search with spin.
 * Law: the model holds the rules and what must never happen; which settings and mutants are run is in variants.ts.
 * R1, R2, ... are the rules of custody and I1, I3, ... what must hold in every reachable state: both are listed in README.md.
 *
 * A world's state is the fold of its journal, so the model keeps states: level 0 is what is durable, level k is that and the
 * first k records of the tail. A crash cuts the tail anywhere; what survives is still not durable.
 *
 *   (plain)    the network keeps all that was ever sent and delivers it never, late, or any number of times: loss, reordering,
 *              duplication and replay by clones, without bound. A message is there as soon as its sender may send it.
 *   FAILOVER   plain, and A has two nodes that each may believe to be the primary; so many take-overs.
 *   LIAR       plain, and A signs whatever it likes; B is judged alone.
 *   CHANNEL    messages are in flight, are consumed, get lost (LOSSES) and replayed (REPLAYS); who waits asks again when all is
 *              quiet. Every run must end, and at every end every departure must be resolved.
 * M_... are mutants: one rule removed or inverted.
 *
 * Here: the state of everything, and its start. The rules are in origin.pml and destination.pml; the rest in journal.pml
 * (records, durability, what is then said), judge.pml, nodes.pml (crashes, take-overs) and network.pml.
 */
#define A 0
#define B 1
#define N TRANSFERS /* departures in one run, and transfers that a world can number */
#define X(world, n) ((world) * N + (n)) /* the transfer that is the n-th departure of a world, from 0 */
#define Name(world, n) 'A' + (world), (n) + 1 /* as a trace prints it: A1, A2, B1 */

/* Custody.who: where this world has the traveller */
#define AWAY 0
#define HERE 1
#define ESCROW 2
/* Custody.out[n]: this world's n-th departure */
#define OPEN 1
#define RELEASED 2
#define REFUNDED 3
/* Custody.arr[n]: the other world's n-th departure, as decided here */
#define UNDECIDED 0
#define ADMITTED 1
#define REFUSED 2
#define SHUT 4 /* with one of these two: the origin has closed it */
#define FORGOTTEN 8 /* below the watermark, and past its time by a clock that never steps back (R6, R7) */

typedef Custody {
  byte who;
  byte hop; /* the highest hop this journal names */
  byte next; /* the number of the next departure */
  byte out[N];
  byte arr[N]
}

/* messages, a bit each */
#define PASSPORT 1
#define CANCEL 2
#define RECEIPT 4
#define REFUSAL 8
#define CLOSE 16
#define STATUS 32
byte net[2 * N]; /* by transfer: what may be delivered */
byte hopOf[2 * N]; /* the hop its passport names */

/* records that were ever durable, by transfer: for the judge alone */
#define DEPART 1
#define RELEASE 2
#define REFUND 4
#define ADMIT 8
#define REFUSE 16
byte done[2 * N];

/* nodes and worlds */
#ifdef FAILOVER
#define NODES 3 /* 0 and 2 are A's, 1 is B */
#define STORES (NODES * (TAIL + 1))
Custody state[STORES + 1]; /* the last one is A's journal, which is on neither of its nodes */
#define STORE(w) state[((w) == A -> STORES : (TAIL + 1))]
#define W(i) ((i) == 1 -> B : A)
byte epoch[NODES]; /* the epoch in which a node of A believes to be primary; 0: it serves nobody */
byte claim[NODES]; /* the epoch that it is taking over; 0: none */
bit hasSealed[NODES];
byte newest = 1; /* the highest epoch that was claimed */
byte sealed; /* epochs up to this one take no more records */
byte failovers = FAILOVER;
#define Serves(i) (W(i) == B || epoch[i] > 0)
#else
#define NODES 2
Custody state[NODES * (TAIL + 1)];
#define STORE(w) state[(w) * (TAIL + 1)]
#define W(i) (i)
#define Serves(i) true
#endif

byte tail[NODES]; /* records that are appended and not yet durable, TAIL at most */
byte crashes = CRASHES;
#define LEVEL(i, l) state[(i) * (TAIL + 1) + (l)]
#define K(i) LEVEL(i, 0) /* what a node knows to be durable */
#define V(i) LEVEL(i, tail[i]) /* what it works with */
#define Free(i) (Serves(i) && tail[i] < TAIL)

#ifdef MARKS
/* said when a rule is first used, so that a rule which no run reaches is seen */
#define Mark(rule) c_code { static char once; if (!once) { once = 1; printf("reached: %s\n", #rule); } }
#else
#define Mark(rule) skip
#endif

hidden byte a, b, j, k, l, live, held, highest; /* scratch, no part of a state */
hidden byte duplicated, lost, uncommitted, admittedAndRefused, releasedAndRefunded, refundedAndAdmitted, releasedNotAdmitted;
hidden byte hopNotHigher, admittedTwice, unresolved;

/* the network */
#ifdef CHANNEL
byte losses = LOSSES;
byte replays = REPLAYS;
byte statuses = 1; /* so often is a destination asked for its status in one run; a cancel may always be sent */
byte sent[2 * N];
#define Send(x, m) net[x] = net[x] | (m); sent[x] = sent[x] | (m)
#define Taken(x, m) net[x] = net[x] & (63 - (m))
#define LEAVING PASSPORT
/* the origin's timer: departed for certain, and nothing about this transfer is under way or on its way to disk */
#define Waits(i, n) \
  (K(i).out[n] == OPEN && V(i).out[n] == OPEN && net[X(i, n)] == 0 && V(1 - i).arr[n] == K(1 - i).arr[n])
#else
#define Send(x, m) net[x] = net[x] | (m)
#define Taken(x, m) skip
#define LEAVING (PASSPORT | CANCEL) /* an origin may cancel from the moment of departure */
#endif

#ifdef LIAR
byte lie = 1; /* the hop that A writes into passports just now */
#define HopOf(x) ((x) < N -> lie : hopOf[x])
#define FromOrigin(x, m) ((x) < N || (net[x] & (m)))
#define FromDestination(x, m) ((x) >= N || (net[x] & (m)))
#else
#define HopOf(x) hopOf[x]
#define FromOrigin(x, m) (net[x] & (m))
#define FromDestination(x, m) (net[x] & (m))
#endif

#include "journal.pml"
#include "judge.pml"
#include "origin.pml"
#include "destination.pml"
#include "nodes.pml"
#include "network.pml"

init {
  byte i, n;
  atomic {
    V(0).who = HERE; /* the traveller begins in A */
#ifdef FAILOVER
    state[STORES].who = HERE;
    epoch[0] = 1;
    run Primary(0);
    run Primary(2);
#endif
    for (i : 0 .. NODES - 1) {
#ifdef LIAR
      if
      :: i == A -> skip
      :: else ->
#endif
      run Node(i);
      for (n : 0 .. N - 1) {
        run Origin(i, n);
        run Destination(i, n)
      }
#ifdef LIAR
      fi
#endif
    }
#ifdef LIAR
    run Liar();
#endif
#ifdef CHANNEL
    for (i : 0 .. 2 * N - 1) {
      run Network(i)
    }
    run Rest();
#endif
    i = 0;
    n = 0
  }
}
