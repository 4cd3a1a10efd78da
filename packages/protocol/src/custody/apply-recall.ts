// How a world's lost memory comes back into custody: by hop, per traveller and per item, in any order, any number of times. Called by
// apply.ts only. Law: the highest hop of anybody or anything tells where it is.
import type { ItemRef, TransferId, TravellerId, WorldId } from "../ids.ts";
import { formatNumbered, parseNumbered } from "../ids.ts";
import { CUSTODY } from "../limits.ts";
import { keptPapers, rememberHop } from "./apply-transfer.ts";
import type { Carried } from "./claims.ts";
import { flattenCarried } from "./claims.ts";
import { type Custody, type ItemRow, type Place, type Resident, rowOf } from "./custody.ts";
import { addRow, dropRow, insist, moveRow } from "./ledger.ts";
import type { Amnesia, Asking, Loose, LossReport, Told } from "./memory.ts";
import type { AmnesiaRecord, FencedRecord, GaveUpRecord, LiftedRecord, RecalledRecord } from "./records.ts";
import { registerArrival } from "./register.ts";

export function applyAmnesia(custody: Custody, record: AmnesiaRecord): void {
  insist(record.n > custody.epoch, "epochs rise");
  insist(record.departure >= custody.nextDeparture && record.serial >= custody.nextSerial, "numbers rise");
  const before = custody.memory.amnesia;
  const { nextDeparture: departure, nextSerial: serial } =
    before === undefined ? custody : { nextDeparture: before.departure, nextSerial: before.serial };
  const asked: Asking = { of: "came", from: 0, isWhole: true, state: "asking" };
  custody.memory.amnesia = {
    ...{ epoch: record.n, knownMs: record.known, sinceMs: record.t, departure, serial },
    since: before?.since ?? Math.min(departure, ...[...custody.out.values()].map(({ n }) => n)),
    peers: new Map(record.peers.map((world) => [world, asked])),
    open: new Map(),
    proven: new Set(),
    made: new Set(),
    loose: looseIn(custody, before),
    ...{ travellersLeft: 0, travellersCame: 0, itemsLeft: 0, itemsCame: 0 },
  };
  custody.epoch = record.n;
  custody.nextDeparture = record.departure;
  custody.nextSerial = record.serial;
  // What is remembered is said again, by the incarnation that remembers it.
  for (const [transfer, arrival] of custody.arrivals) custody.arrivals.set(transfer, { ...arrival, epoch: record.n });
  // What others would be told of the lost time is not all there is to tell.
  for (const peer of record.peers) {
    custody.memory.came.below.set(peer, Number.MAX_SAFE_INTEGER);
    custody.memory.went.below.set(peer, record.departure);
  }
}

/** What is in escrow now, and what was when it was asked before: the first incarnation may have moved it. */
function looseIn({ out, items }: Custody, before: Amnesia | undefined): Map<ItemRef, Loose> {
  const loose = new Map(before?.loose);
  for (const { transfer, items: refs } of out.values()) for (const ref of refs) loose.set(ref, { hop: items.get(ref)?.hop ?? 0, transfer });
  return loose;
}

export function applyFenced(custody: Custody, { world, epoch }: FencedRecord): void {
  insist(epoch > (custody.memory.fences.get(world) ?? 0), "fences rise");
  custody.memory.fences.set(world, epoch);
}

function amnesiaOf(custody: Custody): Amnesia {
  const { amnesia } = custody.memory;
  insist(amnesia !== undefined, "nothing is forgotten here");
  return amnesia;
}

export function applyRecalled(custody: Custody, record: RecalledRecord): void {
  const amnesia = amnesiaOf(custody);
  const asked = amnesia.peers.get(record.world);
  insist(asked?.state === "asking" && asked.of === record.of && asked.from === record.from, `${record.world} was asked something else`);
  for (const told of record.told) {
    if (record.of === "came") left(custody, amnesia, told, record.world);
    else came(custody, amnesia, told, record.world, record.t);
  }
  for (const told of record.open) amnesia.open.set(told.transfer, told);
  const isWhole = asked.isWhole && record.isWhole;
  if (record.next > 0) amnesia.peers.set(record.world, { ...asked, isWhole, from: record.next });
  else if (record.of === "came") amnesia.peers.set(record.world, { of: "went", from: 0, isWhole, state: "asking" });
  else amnesia.peers.set(record.world, { ...asked, isWhole, state: isWhole ? "whole" : "partial" });
  // From here on this world knows again what the peer sends, and for ever what it sends itself.
  custody.memory.came.below.set(record.world, record.upto);
  if (record.of === "went" && record.next === 0) settle(custody, amnesia, record);
}

/** Whatever was sent here and is not open at its origin any more is over, whatever this world had said of it. */
function settle({ memory }: Custody, amnesia: Amnesia, { world, upto }: RecalledRecord): void {
  const numbers = [...amnesia.open.keys()].map((transfer) => parseNumbered(transfer));
  memory.settled.set(world, { below: upto, open: new Set(numbers.flatMap((id) => (id?.world === world ? [id.n] : []))) });
}

/** They left this world for a peer, which admitted them. */
function left(custody: Custody, amnesia: Amnesia, told: Told, to: WorldId): void {
  // Contents before their containers: what is left in one was not taken along.
  for (const item of flattenCarried(told.items).reverse()) gone(custody, amnesia, item, told.traveller);
  const before = custody.residents.get(told.traveller);
  const isThis = before?.status === "escrow" && before.hop === told.hop;
  if (before !== undefined && before.hop >= told.hop && !isThis) return;
  amnesia.travellersLeft += 1;
  clearOut(custody, before);
  const { traveller, name, home, hop, body } = told;
  custody.residents.set(traveller, { traveller, name, home, status: "away", hop, body, awayTo: to });
}

function hopOf(custody: Custody, ref: ItemRef): number | undefined {
  return custody.items.get(ref)?.hop ?? custody.seenHops.get(ref);
}

function gone(custody: Custody, amnesia: Amnesia, { id, hop }: Carried, traveller: TravellerId): void {
  const row = custody.items.get(id);
  const known = hopOf(custody, id);
  const isUnsaid = row?.hop === hop && amnesia.loose.get(id)?.hop === hop;
  if (known !== undefined && (hop < known || (hop === known && !isUnsaid))) return;
  noteMade(custody, amnesia, id, known);
  amnesia.itemsLeft += 1;
  amnesia.proven.delete(id);
  takeOut(custody, amnesia, id);
  if (row !== undefined) drop(custody, row, traveller);
  rememberHop(custody, id, hop);
}

/** It has moved on since: how the departure ended that it was in is nothing to it any more. */
function takeOut(custody: Custody, { loose }: Amnesia, ref: ItemRef): void {
  const departure = custody.out.get(loose.get(ref)?.transfer ?? "");
  loose.delete(ref);
  if (departure !== undefined)
    custody.out.set(departure.transfer, { ...departure, items: departure.items.filter((listed) => listed !== ref) });
}

/** Takes an item out of the world; what lies in it and did not go stays in the locker of whoever took it along. */
function drop(custody: Custody, row: ItemRow, traveller: TravellerId): void {
  for (const ref of [...(custody.held.get(`item ${row.id}`) ?? [])])
    moveRow(custody, custody.items.get(ref)!, { in: "locker", of: traveller });
  dropRow(custody, row);
}

/** Something that was made here after the journal ends, of which this world hears for the first time. */
function noteMade(custody: Custody, amnesia: Amnesia, ref: ItemRef, known: number | undefined): void {
  const id = parseNumbered(ref);
  if (known !== undefined || id?.world !== custody.world || id.n < amnesia.serial || amnesia.made.has(id.n)) return;
  amnesia.made.add(id.n);
  custody.minted += 1;
}

/** Whoever has gone, or is here by another way: their open departure is over, and what they had here waits in their locker. */
function clearOut(custody: Custody, resident: Resident | undefined): void {
  if (resident === undefined) return;
  const locker: Place = { in: "locker", of: resident.traveller };
  const { transfer } = resident;
  const departure = transfer === undefined ? undefined : custody.out.get(transfer);
  if (departure !== undefined) {
    custody.out.delete(departure.transfer);
    const open = custody.openTo.get(departure.to);
    open?.delete(departure.transfer);
    if (open?.size === 0) custody.openTo.delete(departure.to);
    // They came back or arrived: the peer that it was for has not said yet.
    for (const ref of departure.items) {
      const row = custody.items.get(ref);
      if (row?.place.in === "escrow" && row.place.of === departure.transfer) moveRow(custody, row, locker);
    }
  }
  for (const ref of [...(custody.held.get(`inventory ${resident.traveller}`) ?? [])]) moveRow(custody, custody.items.get(ref)!, locker);
}

/** They came to this world from a peer, which knows that they were admitted. */
function came(custody: Custody, amnesia: Amnesia, told: Told, from: WorldId, nowMs: number): void {
  const n = parseNumbered(told.transfer)?.n ?? 0;
  if (custody.arrivals.has(told.transfer) || n < (custody.closedBelow.get(from) ?? 0)) return;
  const { transfer, hash, exp, traveller } = told;
  const decided = { decision: "admitted", decidedMs: nowMs, seq: custody.seq, epoch: custody.epoch } as const;
  custody.arrivals.set(transfer, { transfer, origin: from, n, ...decided, exp, hash, traveller, code: "", reason: "" });
  custody.openFrom.set(from, (custody.openFrom.get(from) ?? 0) + 1);
  const before = custody.residents.get(traveller);
  const isHere = before === undefined || before.hop < told.hop;
  if (isHere) {
    amnesia.travellersCame += 1;
    clearOut(custody, before);
    const { name, home, hop, body } = told;
    custody.residents.set(traveller, { traveller, name, home, status: "here", hop, body, arrived: transfer, from });
  }
  const place: Place = { in: isHere ? "inventory" : "locker", of: traveller };
  for (const item of told.items) restore(custody, amnesia, item, place, place, { from, transfer, t: nowMs });
}

/** The crossing by which things came. */
interface Bringing {
  readonly from: WorldId;
  readonly transfer: TransferId;
  readonly t: number;
}

/** An item that came and did not leave again lies where it came, or in what it came in when that is here as well. */
function restore(custody: Custody, amnesia: Amnesia, item: Carried, place: Place, outermost: Place, by: Bringing): void {
  const { id, kind, props, hop, tier = "declared", contents } = item;
  const known = hopOf(custody, id);
  const isNews = known === undefined || known < hop;
  if (isNews) {
    noteMade(custody, amnesia, id, known);
    amnesia.itemsCame += 1;
    amnesia.proven.add(id);
    takeOut(custody, amnesia, id);
    const row = custody.items.get(id);
    if (row === undefined) addRow(custody, { id, kind, props, place, hop, tier, clamps: [], from: by.from, ...keptPapers(custody, item) });
    else {
      moveRow(custody, row, place);
      row.hop = hop;
      row.props = props;
      Object.assign(row, keptPapers(custody, item));
      if (row.seal === "unregistered") delete row.seal;
      custody.claims.delete(id);
    }
    registerArrival(custody, rowOf(custody, id), by, item.papers);
    custody.seenHops.delete(id);
  }
  for (const inner of contents) restore(custody, amnesia, inner, isNews ? { in: "item", item: id } : outermost, outermost, by);
}

export function applyGaveUp(custody: Custody, { world }: GaveUpRecord): void {
  const amnesia = amnesiaOf(custody);
  const asked = amnesia.peers.get(world);
  insist(asked !== undefined && asked.state !== "whole", `${world} is not waited for`);
  amnesia.peers.set(world, { ...asked, state: "given-up" });
}

export function applyLifted(custody: Custody, record: LiftedRecord): void {
  const amnesia = amnesiaOf(custody);
  for (const told of amnesia.open.values()) {
    const from = parseNumbered(told.transfer)?.world ?? "";
    if (hasGoneOn(custody, told)) came(custody, amnesia, told, from, record.t);
  }
  const isDoubtful = [...amnesia.peers.values()].some(({ state }) => state !== "whole");
  if (isDoubtful) for (const ref of custody.items.keys()) if (!amnesia.proven.has(ref)) custody.memory.doubted.add(ref);
  custody.memory.report = reportOf(custody, amnesia, record.t);
  custody.memory.amnesia = undefined;
}

/** Whether anybody or anything of an open passport to here is known to have been moved on afterwards: then it was admitted here. */
export function hasGoneOn(custody: Custody, { transfer, traveller, hop, items }: Told): boolean {
  if (custody.arrivals.has(transfer)) return false;
  if ((custody.residents.get(traveller)?.hop ?? -1) > hop) return true;
  return flattenCarried(items).some((item) => (hopOf(custody, item.id) ?? -1) > item.hop);
}

function reportOf(custody: Custody, amnesia: Amnesia, liftedMs: number): LossReport {
  const { knownMs, sinceMs, serial, made, travellersLeft, travellersCame, itemsLeft, itemsCame, peers } = amnesia;
  const named: ItemRef[] = [];
  const highest = Math.max(serial - 1, ...made);
  for (let n = serial; n <= highest && named.length < CUSTODY.lostNamed; n++)
    if (!made.has(n)) named.push(formatNumbered(n, custody.world));
  return {
    ...{ epoch: custody.epoch, knownMs, sinceMs, liftedMs },
    peers: [...peers].map(([world, { state }]) => ({ world, state })),
    ...{ travellersLeft, travellersCame, itemsLeft, itemsCame },
    itemsLost: highest - serial + 1 - made.size,
    itemsNamed: named,
    itemsDoubted: custody.memory.doubted.size,
  };
}
