// How the records of a transfer change custody. Called by apply.ts only.
import type { ItemRef, TransferId } from "../ids.ts";
import { formatNumbered, issuerOf, parseNumbered } from "../ids.ts";
import { CUSTODY, TIMES } from "../limits.ts";
import type { Carried } from "./claims.ts";
import { clampsFor } from "./clamps.ts";
import type { Arrival, Custody, Departure, ItemRow, Place, Resident } from "./custody.ts";
import { rowOf } from "./custody.ts";
import { countImport } from "./import-counts.ts";
import { addRow, dropRow, insist, moveRow } from "./ledger.ts";
import { forgetPassports, keepPassport } from "./memory.ts";
import { type PaperLink, type Papers, withKeys } from "./papers.ts";
import { answerable } from "./quota.ts";
import type {
  AdmitRecord,
  ClosedRecord,
  DepartRecord,
  EvidenceRecord,
  ForgetRecord,
  Override,
  RefundRecord,
  RefuseRecord,
  ReleaseRecord,
} from "./records.ts";
import { registerArrival, registerReturn } from "./register.ts";
import { keepProof, rememberLink } from "./seen-links.ts";

export function applyDepart(custody: Custody, record: DepartRecord): void {
  const transfer = formatNumbered(record.n, custody.world);
  const resident = custody.residents.get(record.traveller);
  insist(record.n >= custody.nextDeparture, `departure ${record.n} was used before`);
  insist(resident?.status === "here", `${record.traveller} is not here to depart`);
  const inventory: Place = { in: "inventory", of: record.traveller };
  const locker: Place = { in: "locker", of: record.traveller };
  const kept = record.kept.map((item) => ({ item, was: rowOf(custody, item).place }));
  for (const item of record.kept) moveRow(custody, rowOf(custody, item), locker);
  const listed = new Set(record.items);
  for (const ref of record.items) {
    const row = rowOf(custody, ref);
    row.hop += 1;
    if (row.seal !== undefined) custody.claims.delete(ref);
    if (row.place.in === "item") insist(listed.has(row.place.item), `${ref} leaves without what it lies in`);
    else {
      insist(row.place.in === "inventory" && row.place.of === record.traveller, `${ref} is not theirs to take along`);
      moveRow(custody, row, { in: "escrow", of: transfer });
    }
  }
  insist(!custody.held.has(`${inventory.in} ${inventory.of}`), "a departure says of every item where it goes");
  resident.status = "escrow";
  resident.hop += 1;
  resident.body = record.body;
  resident.transfer = transfer;
  resident.awayTo = record.to;
  if (record.x !== undefined) resident.x = record.x;
  if (record.y !== undefined) resident.y = record.y;
  custody.nextDeparture = record.n + 1;
  const { n, to, traveller, passport, hash, items, t: departedMs, exp } = record;
  addDeparture(custody, { transfer, n, to, traveller, passport, hash, items, kept, departedMs, exp });
}

export function addDeparture(custody: Custody, departure: Departure): void {
  custody.out.set(departure.transfer, departure);
  const open = custody.openTo.get(departure.to);
  if (open === undefined) custody.openTo.set(departure.to, new Set([departure.transfer]));
  else open.add(departure.transfer);
}

function resolve(custody: Custody, transfer: TransferId): { departure: Departure; resident: Resident } {
  const departure = custody.out.get(transfer);
  insist(departure !== undefined, `${transfer} is not open`);
  const resident = custody.residents.get(departure.traveller);
  insist(resident?.transfer === transfer, `${departure.traveller} is not in escrow by ${transfer}`);
  custody.out.delete(transfer);
  const open = custody.openTo.get(departure.to);
  open?.delete(transfer);
  if (open?.size === 0) custody.openTo.delete(departure.to);
  delete resident.transfer;
  return { departure, resident };
}

export function applyRelease(custody: Custody, record: ReleaseRecord): void {
  const { departure, resident } = resolve(custody, record.transfer);
  resident.status = "away";
  const { to, n, passport, exp } = departure;
  keepPassport(custody.memory.went, to, n, { passport, exp });
  for (const ref of [...departure.items].reverse()) {
    const row = rowOf(custody, ref);
    rememberHop(custody, ref, row.hop);
    dropRow(custody, row);
  }
}

/** The last hop of an item that is here no more: nothing older of it comes in again. */
export function rememberHop(custody: Custody, ref: ItemRef, hop: number): void {
  custody.seenHops.delete(ref);
  custody.seenHops.set(ref, hop);
  if (custody.seenHops.size <= CUSTODY.rememberedHops) return;
  const [oldest] = custody.seenHops.keys();
  custody.seenHops.delete(oldest!);
}

export function applyRefund(custody: Custody, record: RefundRecord): void {
  const { departure, resident } = resolve(custody, record.transfer);
  const links = new Map(record.links?.map(({ item, link }) => [item, link]));
  resident.status = "here";
  resident.hop += 1;
  delete resident.awayTo;
  for (const ref of departure.items) {
    const row = rowOf(custody, ref);
    row.hop += 1;
    returnPapers(row, links.get(ref), record.keys ?? []);
    registerReturn(custody, row, departure, record.override === undefined, record.t);
    // Without the destination's word nobody can say that a registered item is free: it comes back, and is kept until its register says so.
    if (record.override !== undefined && row.tier === "registered") moveRow(custody, row, { in: "locker", of: departure.traveller });
    else if (row.place.in === "escrow") moveRow(custody, row, { in: "inventory", of: departure.traveller });
  }
  for (const { item, was } of departure.kept) {
    // The world may have done something else with what lay in the locker meanwhile.
    const row = custody.items.get(item);
    const isThere = was.in !== "item" || custody.items.has(was.item);
    if (isThere && row?.place.in === "locker" && row.place.of === departure.traveller) moveRow(custody, row, was);
  }
  if (record.override !== undefined) rememberOverride(custody, departure, record.override, record.t);
}

function rememberOverride(custody: Custody, departure: Departure, override: Override, atMs: number): void {
  const { transfer, n, to, traveller, hash, items, departedMs } = departure;
  const { by, why, asked, heard } = override;
  insist(override.hash === hash, `${transfer} left with another passport`);
  custody.overridden.set(transfer, { transfer, n, to, traveller, hash, items, departedMs, atMs, by, why, asked, heard });
  if (custody.overridden.size <= CUSTODY.overrides) return;
  const kept = [...custody.overridden.values()];
  custody.overridden.delete((kept.find((one) => one.word !== undefined) ?? kept[0]!).transfer);
}

/** The destination's word on a departure that the operator had resolved. The first stands. */
export function applyEvidence(custody: Custody, record: EvidenceRecord): void {
  const overridden = custody.overridden.get(record.transfer);
  insist(overridden !== undefined, `${record.transfer} was not resolved by the operator`);
  insist(overridden.word === undefined, `${record.transfer}: its destination has spoken before`);
  overridden.word = { says: record.says, proof: record.proof, atMs: record.t };
}

/** Papers go on only by the refusal of what they said last. The maker's own need none. */
function returnPapers(row: ItemRow, link: PaperLink | undefined, keys: readonly string[]): void {
  if (row.papers === undefined) return;
  if (link === undefined || link.refused === undefined) delete row.papers;
  else row.papers = keys.reduce<Papers>(withKeys, { ...row.papers, links: [...row.papers.links, link] });
}

export function applyAdmit(custody: Custody, record: AdmitRecord): void {
  const before = custody.residents.get(record.traveller);
  const from = originOf(record.transfer);
  insist(before === undefined || (before.status === "away" && before.hop < record.hop), `${record.traveller} cannot arrive`);
  const arrived: Resident = {
    traveller: record.traveller,
    name: record.name,
    home: record.home,
    status: "here",
    hop: record.hop,
    body: record.body,
    arrived: record.transfer,
    from,
  };
  custody.residents.set(record.traveller, arrived);
  const seals = new Map(record.sealed?.map(({ item, why }) => [item, why]));
  for (const spend of record.spends ?? []) keepProof(custody, spend);
  const add = (item: Carried, place: Place): void => {
    const clamps = clampsFor(item.kind, record.clamps);
    const { id, kind, props, hop, tier = "declared" } = item;
    const seal = seals.get(id);
    addRow(custody, {
      id,
      kind,
      props,
      place,
      hop,
      tier,
      clamps,
      from,
      ...keptPapers(custody, item),
      ...(seal === undefined ? {} : { seal }),
    });
    if (issuerOf(id) !== custody.world) for (const world of answerable(id, tier, from)) countImport(custody.imports, world, kind, record.t);
    registerArrival(custody, rowOf(custody, id), record, item.papers);
    custody.seenHops.delete(item.id);
    for (const inner of item.contents) add(inner, { in: "item", item: item.id });
  };
  for (const item of record.items) add(item, { in: "inventory", of: record.traveller });
  for (const item of record.unlocked) unlock(custody, item, record.traveller);
  keepPassport(custody.memory.came, from, parseNumbered(record.transfer)?.n ?? 0, { passport: record.passport, exp: record.exp });
  decide(custody, record, { decision: "admitted", traveller: record.traveller, code: "", reason: "" });
}

/** An item's papers as its row keeps them; at home its maker writes new ones. Every link is remembered. */
export function keptPapers(custody: Custody, { id, papers }: Carried): Pick<ItemRow, "fixed" | "papers"> {
  if (papers === undefined) return {};
  let from = issuerOf(id);
  for (const link of papers.links) {
    rememberLink(custody, { item: id, from, link });
    if (link.refused === undefined) from = link.to;
  }
  const fixed = Object.keys(papers.birth.fixed);
  return issuerOf(id) === custody.world ? { fixed } : { fixed, papers };
}

function unlock(custody: Custody, item: ItemRef, traveller: string): void {
  const row = rowOf(custody, item);
  insist(row.place.in === "locker" && row.place.of === traveller, `${item} is not in their locker`);
  moveRow(custody, row, { in: "inventory", of: traveller });
}

export function applyRefuse(custody: Custody, record: RefuseRecord): void {
  decide(custody, record, { decision: "refused", traveller: "", code: record.code, reason: record.reason });
}

function originOf(transfer: TransferId): string {
  const id = parseNumbered(transfer);
  insist(id !== undefined, `${transfer} is no transfer`);
  return id.world;
}

type Verdict = Pick<Arrival, "decision" | "traveller" | "code" | "reason">;

function decide(custody: Custody, record: AdmitRecord | RefuseRecord, verdict: Verdict): void {
  const id = parseNumbered(record.transfer);
  insist(id !== undefined && id.world !== custody.world, `${record.transfer} is no transfer to this world`);
  insist(!custody.arrivals.has(record.transfer), `${record.transfer} is decided already`);
  insist(id.n >= (custody.closedBelow.get(id.world) ?? 0), `${record.transfer} was closed`);
  const { transfer, hash, exp, t: decidedMs } = record;
  custody.arrivals.set(transfer, {
    transfer,
    origin: id.world,
    n: id.n,
    decidedMs,
    seq: custody.seq,
    exp,
    hash,
    epoch: custody.epoch,
    ...verdict,
  });
  custody.openFrom.set(id.world, (custody.openFrom.get(id.world) ?? 0) + 1);
}

export function applyClosed(custody: Custody, record: ClosedRecord): void {
  insist(record.below > (custody.closedBelow.get(record.origin) ?? 0), "what is closed stays closed");
  custody.closedBelow.set(record.origin, record.below);
  if (record.below >= (custody.memory.settled.get(record.origin)?.below ?? 0)) custody.memory.settled.delete(record.origin);
}

/** Closed arrivals whose passports are past their time by both clocks. */
export function isForgettable(custody: Custody, arrival: Arrival, before: number): boolean {
  return arrival.exp + 2 * TIMES.clockSkewMs < before && arrival.n < (custody.closedBelow.get(arrival.origin) ?? 0);
}

export function applyForget(custody: Custody, record: ForgetRecord): void {
  forgetPassports(custody.memory, record.before);
  for (const arrival of [...custody.arrivals.values()]) {
    if (!isForgettable(custody, arrival, record.before)) continue;
    custody.arrivals.delete(arrival.transfer);
    const open = (custody.openFrom.get(arrival.origin) ?? 0) - 1;
    if (open > 0) custody.openFrom.set(arrival.origin, open);
    else custody.openFrom.delete(arrival.origin);
  }
}
