// What an operator sees of a world's crossings: read from its journal, with what the running world knows besides when there is one.
import type { Arrival, Custody, CustodyRecord, Departure, LossReport, Overridden } from "@sojourn/protocol";
import { CUSTODY, TIMES } from "@sojourn/protocol";
import { replayFolder } from "../audit.ts";
import { readPeers } from "../authority/peers.ts";
import { ORDER_LIMITS } from "../limits.ts";
import { type Look, placeOrder } from "./orders.ts";

export interface Going {
  readonly transfer: string;
  readonly to: string;
  readonly toWorld: string;
  readonly traveller: string;
  readonly name: string;
  readonly things: readonly string[];
  readonly sinceMs: number;
  /** Before this nobody can be taken back; before the next only with --now. */
  readonly freeMs: number;
  readonly silentMs: number;
  /** As the running world knows; absent when none runs. */
  readonly asked?: number;
  readonly heard?: string;
  readonly next: string;
}

export interface Come {
  readonly transfer: string;
  readonly from: string;
  readonly traveller: string;
  readonly decision: "admitted" | "refused";
  readonly decidedMs: number;
  readonly why: string;
}

export interface Over {
  readonly transfer: string;
  readonly traveller: string;
  readonly to: string;
  readonly outcome: "arrived" | "refused" | "overridden";
  readonly atMs: number;
}

export interface TakenBack extends Overridden {
  readonly toName: string;
  readonly means: string;
}

export interface Remembering {
  readonly knownMs: number;
  readonly sinceMs: number;
  /** Before this a silent peer cannot be given up. */
  readonly giveUpMs: number;
  readonly peers: readonly { readonly world: string; readonly name: string; readonly state: "asking" | "whole" | "partial" | "given-up" }[];
}

export interface Transfers {
  readonly world: string;
  readonly isRunning: boolean;
  readonly open: readonly Going[];
  readonly overridden: readonly TakenBack[];
  /** Decided here and not closed by their origin, newest first. */
  readonly arrivals: readonly Come[];
  /** Offered to come and not here yet. */
  readonly expected: readonly string[];
  /** The newest departures that are over, newest first, and since when the journal tells of them. */
  readonly resolved: readonly Over[];
  readonly resolvedSinceMs: number;
  /** While this world asks what it has lost, and whom it waits for. */
  readonly remembering?: Remembering;
  /** What it knows to have lost, the last time. */
  readonly lost?: LossReport;
  readonly counts: { readonly open: number; readonly arrivals: number; readonly resolved: number };
}

/** Reads a data folder, whether its world runs or not. Throws a JournalFailure when the journal is missing or damaged. */
export async function readTransfers(dataFolder: string): Promise<Transfers> {
  const answer = await placeOrder(dataFolder, { do: "look" });
  const look = answer?.look;
  const { custody, records } = replayFolder(dataFolder);
  const names = new Map((await readPeers(dataFolder)).map(({ world, name }) => [world, name]));
  const nameOf = (world: string): string => names.get(world) ?? world;
  const resolved = resolvedOf(records, custody.world, nameOf);
  return {
    world: custody.world,
    isRunning: answer !== undefined,
    open: [...custody.out.values()].slice(0, ORDER_LIMITS.listed).map((departure) => going(custody, departure, nameOf, look)),
    overridden: [...custody.overridden.values()].map((one) => ({ ...one, toName: nameOf(one.to), means: meaning(one) })),
    arrivals: undecidedBelow(custody)
      .slice(0, ORDER_LIMITS.listed)
      .map(({ transfer, origin, traveller, decision, decidedMs, reason }) => ({
        ...{ transfer, from: nameOf(origin), traveller, decision, decidedMs },
        why: reason,
      })),
    expected: (look?.expected ?? []).map(({ traveller }) => traveller),
    resolved: resolved.slice(0, ORDER_LIMITS.listed),
    resolvedSinceMs: records[0]?.t ?? 0,
    ...rememberingOf(custody, nameOf),
    counts: { open: custody.out.size, arrivals: custody.arrivals.size, resolved: resolved.length },
  };
}

function rememberingOf({ memory }: Custody, nameOf: (world: string) => string): Pick<Transfers, "remembering" | "lost"> {
  const { amnesia, report } = memory;
  const lost = report === undefined ? {} : { lost: report };
  if (amnesia === undefined) return lost;
  const { knownMs, sinceMs } = amnesia;
  const peers = [...amnesia.peers].map(([world, { state }]) => ({ world, name: nameOf(world), state }));
  return { ...lost, remembering: { knownMs, sinceMs, giveUpMs: sinceMs + CUSTODY.giveUpMs, peers } };
}

function undecidedBelow(custody: Custody): Arrival[] {
  return [...custody.arrivals.values()].filter(({ origin, n }) => n >= (custody.closedBelow.get(origin) ?? 0)).reverse();
}

function going(custody: Custody, departure: Departure, nameOf: (world: string) => string, look: Look | undefined): Going {
  const { transfer, to, traveller, items, departedMs, exp } = departure;
  const chased = look?.chases.find((one) => one.transfer === transfer);
  const heard = chased?.heard || look?.silent.find(({ world }) => world === to)?.heard || "";
  const inSeconds = Math.ceil((chased?.inMs ?? 0) / 1_000);
  const word = chased?.isCancelling === true ? "to decide now" : "whether it has decided";
  return {
    ...{ transfer, to: nameOf(to), toWorld: to, traveller },
    name: custody.residents.get(traveller)?.name ?? "",
    things: items.map((item) => custody.items.get(item)?.kind ?? item),
    sinceMs: departedMs,
    freeMs: exp + 2 * TIMES.clockSkewMs,
    silentMs: departedMs + CUSTODY.overrideAfterMs,
    ...(chased === undefined ? {} : { asked: chased.asked, heard }),
    next:
      chased === undefined
        ? "this world is closed; it asks as soon as it opens"
        : `in ${inSeconds} s ${nameOf(to)} is asked ${word}; its signed answer ends this`,
  };
}

function meaning({ word }: Overridden): string {
  if (word === undefined) return "the other world has not spoken yet; they may be in two places";
  return word.says === "refusal"
    ? "the other world confirms that it never admitted them"
    : "the other world HAD admitted them: they are in two places, and its signed receipt proves it";
}

function resolvedOf(records: readonly CustodyRecord[], world: string, nameOf: (world: string) => string): Over[] {
  const left = new Map<string, { readonly traveller: string; readonly to: string }>();
  const over: Over[] = [];
  for (const record of records) {
    if (record.r === "depart") left.set(`${record.n}@${world}`, { traveller: record.traveller, to: nameOf(record.to) });
    if (record.r !== "release" && record.r !== "refund") continue;
    const about = left.get(record.transfer) ?? { traveller: "", to: "" };
    left.delete(record.transfer);
    const outcome = record.r === "release" ? "arrived" : record.override === undefined ? "refused" : "overridden";
    over.push({ transfer: record.transfer, ...about, outcome, atMs: record.t });
  }
  return over.reverse();
}
