// The runs: the federation plays on while one after another is killed and started again; now and then everybody settles, everything is
// killed, and two judges read the stores from outside.
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type SeededRandom, seededRandom } from "@sojourn/runtime";
import { type AuditCounts, audit } from "@sojourn/world";
import type { Child } from "./child.ts";
import { Federation } from "./federation.ts";
import { WORLD_NAMES, type WorldName } from "./field.ts";
import { judge, type Verdict } from "./judge.ts";
import { isCounted, type Strike, strikes, type Victim } from "./plan.ts";
import type { Told } from "./told.ts";

const RUN = {
  /** A point that is not reached by then is passed over, and a random moment taken. */
  reachMs: 4_000,
  /** Until there is news of a crossing. */
  newsMs: 3_000,
  playMs: 250,
  disarmMs: 60,
  settleMs: 60_000,
  resolveMs: 40_000,
  lookMs: 250,
  runsPerVerdict: 25,
  /** A new federation, so that journals do not grow without end. */
  runsPerFederation: 100,
} as const;

export interface KillOutcome {
  runs: number;
  kills: number;
  readonly byVictim: { [victim in Victim]: number };
  readonly byPoint: { [point: string]: number };
  /** Named points that were not reached in time. */
  readonly missed: { [point: string]: number };
  confirmedTransfers: number;
  returnedTransfers: number;
  travellers: number;
  items: number;
  verdicts: number;
  lost: number;
  duplicated: number;
  unresolved: number;
  readonly violations: string[];
  readonly endedVisits: { [code: string]: number };
  seconds: number;
  readonly seed: number;
  /** Kept for looking at when something was wrong. */
  folder?: string;
}

export interface KillOptions {
  readonly runs: number;
  readonly seed: number;
  /** Worlds whose journals are durable only so much later than they say: the run must find them out. */
  readonly lateMs?: number;
  readonly say: (line: string) => void;
}

export async function runKills({ runs, seed, lateMs = 0, say }: KillOptions): Promise<KillOutcome> {
  const startedMs = performance.now();
  const random = seededRandom(seed);
  const plan = strikes(random);
  const outcome = emptyOutcome(seed);
  const cacheFolder = await mkdtemp(join(tmpdir(), "sojourn-kill-cache-"));
  while (outcome.runs < runs && isGood(outcome)) {
    const folder = await mkdtemp(join(tmpdir(), "sojourn-kill-"));
    const federation = new Federation(folder, { seed: seed + outcome.runs, cacheFolder, lateMs });
    const one = new Killing(federation, outcome, random);
    try {
      await one.play(plan, Math.min(runs, outcome.runs + RUN.runsPerFederation), say);
    } catch (error) {
      outcome.violations.push(error instanceof Error ? error.message : String(error));
    } finally {
      await federation.killAll();
    }
    if (isGood(outcome)) await rm(folder, { recursive: true, force: true });
    else outcome.folder = folder;
  }
  await rm(cacheFolder, { recursive: true, force: true });
  outcome.seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  return outcome;
}

export function isGood({ lost, duplicated, violations }: KillOutcome): boolean {
  return lost === 0 && duplicated === 0 && violations.length === 0;
}

function emptyOutcome(seed: number): KillOutcome {
  const none = { byVictim: { origin: 0, destination: 0, world: 0, traveller: 0, all: 0 }, byPoint: {}, missed: {}, endedVisits: {} };
  const counts = { runs: 0, kills: 0, confirmedTransfers: 0, returnedTransfers: 0, travellers: 0, items: 0, verdicts: 0 };
  return { ...counts, ...none, lost: 0, duplicated: 0, unresolved: 0, violations: [], seconds: 0, seed };
}

/** What one federation adds to the outcome; the judges count from its beginning. */
class Killing {
  readonly #federation: Federation;
  readonly #outcome: KillOutcome;
  readonly #random: SeededRandom;

  constructor(federation: Federation, outcome: KillOutcome, random: SeededRandom) {
    this.#federation = federation;
    this.#outcome = outcome;
    this.#random = random;
  }

  async play(plan: Iterator<Strike>, until: number, say: (line: string) => void): Promise<void> {
    const federation = this.#federation;
    const outcome = this.#outcome;
    const before = { ...outcome };
    await federation.start();
    while (outcome.runs < until && isGood(outcome)) {
      await this.#run(plan.next().value as Strike);
      outcome.runs += 1;
      outcome.violations.push(...federation.complaints.splice(0));
      const isLast = outcome.runs === until || !isGood(outcome);
      if (outcome.runs % RUN.runsPerVerdict !== 0 && !isLast) continue;
      await this.#settle();
      this.#count(before, await this.#judged());
      say(
        `run ${outcome.runs}: ${outcome.kills} kills, ${outcome.confirmedTransfers} confirmed transfers, ${outcome.returnedTransfers} given back`,
      );
      if (!isLast && isGood(outcome)) await this.#startAll();
    }
  }

  /** One kill, and whoever was killed back again. */
  async #run(strike: Strike): Promise<void> {
    await sleep(RUN.playMs);
    const struck = strike.point === "random" ? undefined : await this.#atPoint(strike);
    const victims = struck ?? (await this.#atRandom(strike));
    await sleep(strike.downMs);
    for (const name of victims.worlds) {
      if (strike.openingPoint !== undefined) {
        await this.#federation.dieOpening(name, strike.openingPoint);
        this.#killed("world", strike.openingPoint);
      }
      if (strike.againAfterMs === undefined) continue;
      await this.#federation.startWorld(name, strike.againAfterMs);
      this.#killed("world", "opening");
    }
    await Promise.all(victims.worlds.map((name) => this.#federation.startWorld(name)));
    if (victims.areTravellers) await this.#federation.startTravellers();
  }

  #killed(victim: Victim, point: string): void {
    const { byVictim, byPoint } = this.#outcome;
    this.#outcome.kills += 1;
    byVictim[victim] += 1;
    byPoint[point] = (byPoint[point] ?? 0) + 1;
  }

  /** Arms the point and waits until somebody kills itself there; undefined when it is never reached. */
  async #atPoint({ victim, point, skip }: Strike): Promise<Killed | undefined> {
    const children = this.#candidates(victim, point);
    const fired = this.#fired(children);
    for (const child of children) child.order(isCounted(point) ? { do: point, turns: skip } : { do: "arm", point, skip });
    const first = await fired;
    for (const child of children) child.order({ do: "arm", point: "", skip: 0 });
    await first?.kill();
    // Another may have reached it just then.
    await sleep(RUN.disarmMs);
    const struck = children.filter((child) => child.isGone);
    if (struck.length === 0) {
      const { missed } = this.#outcome;
      missed[point] = (missed[point] ?? 0) + 1;
      return undefined;
    }
    for (const _ of struck) this.#killed(victim, point);
    return { worlds: WORLD_NAMES.filter((name) => struck.some((child) => child.name === name)), areTravellers: victim === "traveller" };
  }

  /** Where the point may be reached: in the travellers' process, in any world, or in one that is told to go there. */
  #candidates(victim: Victim, point: string): Child[] {
    const { travellers, worlds } = this.#federation;
    if (victim === "traveller") return travellers === undefined ? [] : [travellers];
    const one = worlds.get(this.#anyWorld());
    return isCounted(point) && one !== undefined ? [one] : [...worlds.values()];
  }

  #fired(children: readonly Child[]): Promise<Child | undefined> {
    return new Promise((resolve) => {
      const end = (child: Child | undefined): void => {
        this.#federation.onFired = undefined;
        clearTimeout(timer);
        resolve(child);
      };
      const timer = setTimeout(end, RUN.reachMs, undefined);
      this.#federation.onFired = (who) => {
        if (children.includes(who)) end(who);
      };
    });
  }

  /** Waits for news of a crossing, then a little, then kills. */
  async #atRandom({ victim, afterMs }: Strike): Promise<Killed> {
    const news = await this.#news();
    await sleep(afterMs);
    const [from, to] = [worldNamed(news?.from) ?? this.#anyWorld(), worldNamed(news?.to) ?? this.#anyWorld()];
    const worlds = { origin: [from], destination: [to], world: [from], traveller: [], all: [...WORLD_NAMES] }[victim];
    const areTravellers = victim === "traveller" || victim === "all";
    const children = worlds.map((name) => this.#federation.worlds.get(name));
    if (areTravellers) children.push(this.#federation.travellers);
    await Promise.all(children.map((child) => child?.kill()));
    this.#killed(victim, "random");
    return { worlds, areTravellers };
  }

  #news(): Promise<{ readonly from: string; readonly to: string } | undefined> {
    return new Promise((resolve) => {
      const end = (news: { readonly from: string; readonly to: string } | undefined): void => {
        this.#federation.onCrossing = undefined;
        clearTimeout(timer);
        resolve(news);
      };
      const timer = setTimeout(end, RUN.newsMs, undefined);
      this.#federation.onCrossing = (news) => {
        if (["asking", "holding", "presenting"].includes(news.stage)) end(news);
      };
    });
  }

  #anyWorld(): WorldName {
    return WORLD_NAMES[Math.floor(this.#random.next() * WORLD_NAMES.length)] as WorldName;
  }

  /** Nobody sets out any more; whoever is under way arrives or comes back; then the last receipts. */
  async #settle(): Promise<void> {
    const { travellers, dataFolders } = this.#federation;
    const settled = travellers?.said("settled", RUN.settleMs);
    travellers?.order({ do: "settle" });
    if ((await settled) === undefined)
      this.#outcome.violations.push(`not at rest after ${RUN.settleMs / 1_000} s: ${this.#federation.restless}`);
    const deadlineMs = performance.now() + RUN.resolveMs;
    while (performance.now() < deadlineMs && (await audit(dataFolders)).unresolved > 0) await sleep(RUN.lookMs);
    await this.#federation.killAll();
  }

  async #startAll(): Promise<void> {
    await Promise.all(WORLD_NAMES.map((name) => this.#federation.startWorld(name)));
    await this.#federation.startTravellers();
  }

  async #judged(): Promise<{ audited: AuditCounts; judged: Verdict }> {
    const { dataFolders, toldFile } = this.#federation;
    const text = existsSync(toldFile) ? await readFile(toldFile, "utf8") : "";
    return { audited: await audit(dataFolders), judged: judge(dataFolders, toldLines(text)) };
  }

  #count(before: KillOutcome, { audited, judged }: { audited: AuditCounts; judged: Verdict }): void {
    const outcome = this.#outcome;
    outcome.verdicts += 1;
    outcome.confirmedTransfers = before.confirmedTransfers + judged.confirmed;
    outcome.returnedTransfers = before.returnedTransfers + judged.returned;
    outcome.travellers = before.travellers + judged.travellers;
    outcome.items = before.items + judged.items;
    outcome.unresolved = before.unresolved + judged.open;
    outcome.lost = before.lost + Math.max(judged.lost.length, audited.travellersLost + audited.itemsLost);
    outcome.duplicated = before.duplicated + Math.max(judged.duplicated.length, audited.travellersDuplicated + audited.itemsDuplicated);
    for (const [code, times] of Object.entries(this.#federation.endedVisits))
      outcome.endedVisits[code] = (before.endedVisits[code] ?? 0) + times;
    outcome.violations.push(...judged.violations, ...audited.wrong.map((what) => `audit: ${what}`));
    const pairs = [
      ["travellers", judged.travellers, audited.travellers],
      ["items", judged.items, audited.items],
      ["open transfers", judged.open, audited.unresolved],
    ] as const;
    for (const [what, ours, theirs] of pairs)
      if (ours !== theirs) outcome.violations.push(`the judges count ${ours} and ${theirs} ${what}`);
  }
}

interface Killed {
  readonly worlds: readonly WorldName[];
  readonly areTravellers: boolean;
}

/** "Field ash" or "ash". */
function worldNamed(text: string | undefined): WorldName | undefined {
  return WORLD_NAMES.find((name) => text?.endsWith(name));
}

/** A line cut off by a kill was never finished, and so never said. */
function toldLines(text: string): Told[] {
  return text
    .split("\n")
    .slice(0, -1)
    .flatMap((line) => (line.startsWith("{") && line.endsWith("}") ? [JSON.parse(line) as Told] : []));
}
