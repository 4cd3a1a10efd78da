// The power goes at every moment of a journal's life, and the disk is left in any way that is legal then: it must open again with every
// record that was reported, in order, and at most the one commit more that was on its way. While it recovers the power may go again.
import { type SeededRandom, seededRandom } from "@sojourn/runtime";
import { SimDisk } from "./sim-disk.ts";
import { FOLDER, open, Workload, wrongWith } from "./workload.ts";

const LIFE = { steps: 40, statesPerMoment: 24, momentShare: 0.5, againShare: 0.03, againStates: 6, goesOnShare: 0.2 } as const;

export interface PowerLossOutcome {
  states: number;
  invalid: number;
  /** Of the states: cut again while they recovered. */
  twice: number;
  /** The first few things that were wrong. */
  readonly wrong: string[];
}

export interface PowerLossOptions {
  readonly states: number;
  readonly seed: number;
  /** A disk that lies about its syncs: the run must fail. */
  readonly isLying?: boolean;
}

export function losePower({ states, seed, isLying = false }: PowerLossOptions): PowerLossOutcome {
  const outcome: PowerLossOutcome = { states: 0, invalid: 0, twice: 0, wrong: [] };
  for (let life = 0; outcome.states < states; life++) {
    const random = seededRandom(seed + life);
    const disk = new SimDisk();
    disk.isLying = isLying;
    const workload = new Workload(disk, random);
    const chance = seededRandom(seed ^ (0x51ed + life));
    disk.onChange = () => {
      if (chance.next() > LIFE.momentShare) return;
      for (const left of disk.afterPowerLoss(chance, LIFE.statesPerMoment)) {
        if (outcome.states >= states) return;
        judge(left, workload, chance, outcome, `seed ${seed + life}`, true);
      }
    };
    try {
      workload.live(LIFE.steps);
    } catch (error) {
      note(outcome, `seed ${seed + life}: it ended by itself: ${String(error)}`);
      return outcome;
    }
  }
  return outcome;
}

function judge(
  left: SimDisk,
  { reported, underWay }: { readonly reported: number; readonly underWay: number },
  random: SeededRandom,
  outcome: PowerLossOutcome,
  whose: string,
  mayLoseAgain: boolean,
): void {
  outcome.states += 1;
  if (!mayLoseAgain) outcome.twice += 1;
  if (mayLoseAgain && random.next() < LIFE.againShare) {
    left.onChange = () => {
      for (const again of left.afterPowerLoss(random, LIFE.againStates))
        judge(again, { reported, underWay }, random, outcome, `${whose}, again`, false);
    };
  }
  try {
    const journal = open(left);
    left.onChange = () => {};
    const wrong = wrongWith(journal, reported, underWay);
    if (wrong !== undefined) note(outcome, `${whose}: ${wrong}`);
    else if (random.next() < LIFE.goesOnShare) goesOn(left, journal.lastSeq, random);
  } catch (error) {
    note(outcome, `${whose}, ${reported} reported: ${String(error)}`);
  }
}

/** What was recovered is as good as any journal. */
function goesOn(disk: SimDisk, reported: number, random: SeededRandom): void {
  const workload = new Workload(disk, random, reported);
  workload.live(4);
  const wrong = wrongWith(open(disk), workload.reported, 0);
  if (wrong !== undefined) throw new Error(`after it went on in ${FOLDER}: ${wrong}`);
}

function note(outcome: PowerLossOutcome, what: string): void {
  outcome.invalid += 1;
  if (outcome.wrong.length < 10) outcome.wrong.push(what);
}
