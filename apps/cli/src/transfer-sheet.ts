// A world's crossings as a person reads them. Pure but for the time of day.
import type { Transfers } from "@sojourn/world";
import { spanWords } from "./ago.ts";

function ago(atMs: number, nowMs: number): string {
  return spanWords(nowMs - atMs);
}

export function transferSheet(transfers: Transfers, nowMs: number = Date.now()): string {
  return [
    `the world is ${transfers.isRunning ? "open" : "closed"}`,
    ...memoryLines(transfers, nowMs),
    ...section(
      "on their way from here",
      transfers.open.map((one) => goingLines(one, nowMs)),
    ),
    ...section(
      "taken back by you",
      transfers.overridden.map((one) => takenLines(one, nowMs)),
    ),
    ...section(
      "came here, and their origin has not closed it",
      transfers.arrivals.map(({ transfer, from, decision, decidedMs, why }) => [
        `${transfer}  from ${from}, ${decision} ${ago(decidedMs, nowMs)} ago${why === "" ? "" : `: ${why}`}`,
      ]),
    ),
    ...section(
      "expected",
      transfers.expected.map((traveller) => [traveller]),
    ),
    ...section(
      `over, newest first (${transfers.counts.resolved} since ${new Date(transfers.resolvedSinceMs).toISOString()})`,
      transfers.resolved
        .slice(0, 20)
        .map(({ transfer, to, outcome, atMs }) => [`${transfer}  to ${to}, ${outcome} ${ago(atMs, nowMs)} ago`]),
    ),
  ].join("\n");
}

function section(title: string, entries: readonly (readonly string[])[]): string[] {
  return entries.length === 0
    ? []
    : ["", title, ...entries.flatMap((lines) => lines.map((line, i) => `${i === 0 ? "  " : "    "}${line}`))];
}

function memoryLines({ remembering, lost }: Transfers, nowMs: number): string[] {
  const asking = remembering?.peers.map(({ world, name, state }) => [
    `${name}: ${SAID[state]}`,
    ...(state === "partial" || (state === "asking" && nowMs > remembering.giveUpMs)
      ? [`you may give it up: sojourn transfers give-up ${world}`]
      : []),
  ]);
  const waits = section(
    `it has lost a part of its memory and asks since ${ago(remembering?.sinceMs ?? 0, nowMs)}; nobody comes in or leaves`,
    asking ?? [],
  );
  if (lost === undefined) return waits;
  const { knownMs, liftedMs, travellersLeft, travellersCame, itemsLeft, itemsCame, itemsLost, itemsDoubted } = lost;
  const when = `lost from ${new Date(knownMs).toISOString()} on, remembered ${ago(liftedMs, nowMs)} ago`;
  return [
    ...waits,
    ...section(when, [
      [`had left and is known again: ${travellersLeft} travellers, ${itemsLeft} things`],
      [`had come and was given back: ${travellersCame} travellers, ${itemsCame} things`],
      [`made here and gone: at least ${itemsLost} things`],
      [`that may be elsewhere as well and do not leave: ${itemsDoubted} things`],
    ]),
  ];
}

const SAID = {
  asking: "has not told all yet",
  whole: "has told all",
  partial: "has told what it knows, and does not know all any more",
  "given-up": "was given up",
} as const;

function goingLines(one: Transfers["open"][number], nowMs: number): string[] {
  const asked = one.asked === undefined ? [] : [`asked ${one.asked} times since this world opened; last heard: ${one.heard || "nothing"}`];
  return [
    one.transfer,
    `${one.name} (${one.traveller}) to ${one.to}, ${ago(one.sinceMs, nowMs)} ago, with ${one.things.join(", ") || "nothing"}`,
    ...asked,
    `next: ${one.next}`,
    nowMs > one.silentMs
      ? `you may take them back: sojourn transfers return ${one.transfer}`
      : "they are safe in this world's escrow until then",
  ];
}

function takenLines(one: Transfers["overridden"][number], nowMs: number): string[] {
  return [
    one.transfer,
    `${one.traveller} from ${one.toName}, by ${one.by} ${ago(one.atMs, nowMs)} ago${one.why === "" ? "" : `: ${one.why}`}`,
    one.means,
    ...(one.word?.says === "receipt" ? [`evidence: ${one.word.proof}`] : []),
  ];
}
