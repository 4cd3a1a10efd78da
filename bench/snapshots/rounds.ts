// Interleaved rounds: every target once a round, medians over the rounds, ratios within each round. What else the machine does
// then hits all of them alike.

import { existsSync } from "node:fs";
import { median, rounded } from "../figures.ts";
import { type RunOptions, runTarget, type TargetFigures, traceFile } from "./target-run.ts";
import { SOJOURN, type Target } from "./targets.ts";

export type Summary = { readonly target: string; readonly runs: number } & { readonly [figure in keyof TargetFigures]: number } & {
  readonly ratioToWsFloor?: number;
  readonly ratioToColyseusView?: number;
  readonly bytesToExact?: number;
};

const SIZING_SECONDS = 6;

export interface RoundOptions extends Omit<RunOptions, "target"> {
  readonly targets: readonly Target[];
  readonly runs: number;
  /** Told of each run as it ends. */
  readonly onRun: (target: string, figures: TargetFigures) => void;
}

export async function runRounds(options: RoundOptions): Promise<Summary[]> {
  const { targets, runs, folder, workload } = options;
  const rounds: Map<string, TargetFigures>[] = [];
  if (targets.some((target) => target.wantsTrace) && targets[0] !== SOJOURN && !existsSync(traceFile(folder, workload))) {
    options.say("the floors write as many bytes as a world does: a short run of one first");
    await runTarget({ ...options, target: SOJOURN, seconds: SIZING_SECONDS });
  }
  for (let round = 0; round < runs; round++) {
    const figures = new Map<string, TargetFigures>();
    rounds.push(figures);
    for (const target of targets) {
      const { profile, ...rest } = options;
      const isProfiled = profile !== undefined && target === SOJOURN;
      const run = await runTarget({ ...rest, target, ...(isProfiled ? { profile } : {}) });
      figures.set(target.name, run);
      options.onRun(target.name, run);
    }
  }
  return targets.map((target) => summaryOf(target.name, rounds));
}

function summaryOf(target: string, rounds: readonly ReadonlyMap<string, TargetFigures>[]): Summary {
  const own = rounds.map((round) => round.get(target) as TargetFigures);
  const names = Object.keys(own[0] as TargetFigures) as (keyof TargetFigures)[];
  const figures = Object.fromEntries(names.map((name) => [name, rounded(median(own.map((run) => run[name])))]));
  const cpu = (run: TargetFigures): number => run.cpuUsPerClientTick;
  // For each tick: a server that does not hold its rate sends less for that alone.
  const bytes = (run: TargetFigures): number => run.bytesPerClientSec / run.hz;
  const ratios = {
    ...ratio("ratioToWsFloor", cpu, target, "ws", rounds),
    ...ratio("ratioToColyseusView", cpu, target, "colyseus-view", rounds),
    ...ratio("bytesToExact", bytes, target, "exact", rounds),
  };
  return { target, runs: rounds.length, ...figures, ...ratios } as Summary;
}

/** The median of the ratios within each round. */
function ratio(
  name: string,
  figure: (run: TargetFigures) => number,
  target: string,
  to: string,
  rounds: readonly ReadonlyMap<string, TargetFigures>[],
): { readonly [name: string]: number } {
  const ratios = rounds.flatMap((round) => {
    const [own, other] = [round.get(target), round.get(to)];
    return own === undefined || other === undefined ? [] : [figure(own) / figure(other)];
  });
  return ratios.length === 0 || target === to ? {} : { [name]: rounded(median(ratios)) };
}
