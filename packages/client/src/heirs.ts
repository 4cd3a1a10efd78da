// Who goes on with a world that is silent: asked of every place that may know, judged by the world's own statement and by one's own clock.
// Law: nobody is followed who may not be; what cannot be asked says nothing; a copy that is none of the world's is named with the reason.
import { headJudge } from "@sojourn/passport";
import type { Manifest } from "@sojourn/protocol";
import { type Clock, lookAgain } from "@sojourn/runtime";
import {
  type FoundHead,
  followHead,
  type HeadJudge,
  httpReplica,
  newerStatement,
  openHead,
  openSuccession,
  readFoundHead,
  rememberHead,
  type SeenHead,
} from "@sojourn/substrate";
import { gatewayAddresses } from "./address.ts";
import { keepHead, knownKeys, seenHead, settled } from "./kept.ts";
import { HEIRS } from "./limits.ts";
import { bestOf } from "./newest-head.ts";
import type { RefusedCopy, ResumedBy, TravellerStorage } from "./visitor.ts";

/** What is known of a world beside what was kept of its heads. */
export interface Silent {
  readonly world: string;
  /** http base addresses that may have its heads. */
  readonly places: readonly string[];
  /** When the world itself was last heard, ms since 1970; undefined: not by this visit. */
  readonly heardMs: number | undefined;
  readonly succession: Uint8Array | undefined;
}

export interface Looked {
  /** The newest head that may be shown, when it is news or what is known already. */
  readonly found?: FoundHead;
  readonly copies: readonly RefusedCopy[];
}

/** Asks all places at once. Never rejects. What it finds to be the world's is remembered: no older head is shown afterwards. */
export async function lookForHeads(silent: Silent, storage: TravellerStorage, nowMs: number): Promise<Looked> {
  const { world, places, heardMs } = silent;
  const [known, kept] = await Promise.all([settled(knownKeys(storage, world)), settled(seenHead(storage, world))]);
  const judge: HeadJudge = headJudge(() => (known.ok ? known.value : undefined));
  const seen = seenWith(kept.ok ? kept.value : undefined, silent, judge);
  const copies: RefusedCopy[] = [];
  const found: FoundHead[] = [];
  await Promise.all(
    [...new Set(places)].slice(0, HEIRS.places).map(async (at) => {
      const one = await headAt(at, world, judge, nowMs, seen);
      if (one === undefined) return;
      if (one.fork === undefined) found.push(one);
      else copies.push({ world, at, why: one.fork });
    }),
  );
  const best = bestOf(found);
  if (best === undefined) return { copies };
  const remembered = rememberHead({ ...(kept.ok ? kept.value : undefined), ...best.head, heardMs: heardMs ?? 0 } as SeenHead, best, judge);
  if (remembered !== undefined) await settled(keepHead(storage, world, remembered));
  return { found: best, copies };
}

function seenWith(kept: SeenHead | undefined, { world, heardMs = 0, succession }: Silent, judge: HeadJudge): SeenHead {
  const statement = newerStatement(kept?.succession, succession, world, judge);
  const { resumed } = kept ?? {};
  return {
    ...{ sequence: kept?.sequence ?? 0, heartbeat: kept?.heartbeat ?? "", heardMs: Math.max(kept?.heardMs ?? 0, heardMs) },
    ...(statement === undefined ? {} : { succession: statement }),
    ...(resumed === undefined ? {} : { resumed }),
  };
}

async function headAt(at: string, world: string, judge: HeadJudge, nowMs: number, seen: SeenHead): Promise<FoundHead | undefined> {
  const replica = httpReplica(at, { timeoutMs: HEIRS.askMs });
  const bytes = await replica.heads.read(world);
  const genuine = bytes.ok && bytes.value !== undefined ? openHead(world, bytes.value, judge) : undefined;
  if (genuine?.ok !== true || !followHead(seen.heartbeat === "" ? undefined : seen, genuine.value).ok) return undefined;
  const found = await readFoundHead(genuine.value, replica.blocks, judge, nowMs, seen);
  return found.ok ? found.value : undefined;
}

/** Where heads of the world shown may be: itself, whom it names, where its blocks are, and its neighbours, who keep copies. */
export function placesOf(base: string, manifest: Manifest, friends: readonly string[]): string[] {
  const stated = manifest.succession === undefined ? undefined : openSuccession(manifest.world, manifest.succession, headJudge());
  const named = stated?.ok === true ? stated.value.heirs.flatMap(({ at }) => at ?? []) : [];
  const portals = manifest.portals.flatMap(({ url }) => url?.replace(/^ws/, "http").replace(/\/play$/, "") ?? []);
  return [base, ...named, ...gatewayAddresses(base, manifest.gateways), ...portals, ...friends].filter((at) => at !== "");
}

/** An heir that is followed, in words for people. */
export function resumedBy({ world, head, resumption }: FoundHead, name: string): ResumedBy | undefined {
  if (resumption === undefined || head.at === undefined) return undefined;
  const { heir, statement, sinceMs } = resumption;
  return { world, name, heir: heir.world, at: head.at, statement: statement.version, sinceMs };
}

export interface SearchEars {
  /** What to look for now; none: nothing. */
  silent(): readonly Silent[];
  /** False: go on looking. */
  found(found: FoundHead): boolean;
  copy(copy: RefusedCopy): void;
}

/** Looks again and again while a visit is a ghost's. */
export class HeirSearch {
  readonly #storage: TravellerStorage;
  readonly #clock: Clock;
  readonly #ears: SearchEars;
  #stop: (() => void) | undefined;
  #told = new Map<string, string>();

  constructor(storage: TravellerStorage, clock: Clock, ears: SearchEars) {
    this.#storage = storage;
    this.#clock = clock;
    this.#ears = ears;
  }

  start(): void {
    this.#stop ??= lookAgain(
      HEIRS.lookMs,
      () => this.look(),
      () => {},
    );
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#told.clear();
  }

  async look(): Promise<void> {
    for (const silent of this.#ears.silent()) {
      const { found, copies } = await lookForHeads(silent, this.#storage, this.#clock.now());
      if (this.#stop === undefined) return;
      for (const copy of copies) {
        if (this.#told.get(copy.at) === copy.why) continue;
        this.#told.set(copy.at, copy.why);
        this.#ears.copy(copy);
      }
      if (found !== undefined && this.#ears.found(found)) return;
    }
  }
}
