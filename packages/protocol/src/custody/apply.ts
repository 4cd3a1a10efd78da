// The only writer of custody: one record in, one atomic change. An impossible record is a bug or a damaged journal, and throws.
import type { ItemRef, TravellerId } from "../ids.ts";
import { parseNumbered } from "../ids.ts";
import type { Item } from "../items.ts";
import { flattenItems } from "../items.ts";
import { applyAmnesia, applyFenced, applyGaveUp, applyLifted, applyRecalled } from "./apply-recall.ts";
import {
  applyAdmit,
  applyClosed,
  applyDepart,
  applyEvidence,
  applyForget,
  applyRefund,
  applyRefuse,
  applyRelease,
  rememberHop,
} from "./apply-transfer.ts";
import type { Custody, Place } from "./custody.ts";
import { outermostPlace, rowOf } from "./custody.ts";
import { applyKeys } from "./keys.ts";
import { addRow, dropRow, insist, itemsWithin, moveRow } from "./ledger.ts";
import type {
  AlterRecord,
  BornRecord,
  BuildRecord,
  CustodyRecord,
  EpochRecord,
  MintRecord,
  OwnRecord,
  ProofRecord,
  RestRecord,
  VersionRecord,
  WorldRecord,
} from "./records.ts";
import { applyDenied, applyGrant, applyGranted } from "./register.ts";
import { keepProof, rememberLink } from "./seen-links.ts";

/** Applies the next record of the journal. */
export function applyRecord(custody: Custody, record: CustodyRecord): void {
  custody.seq += 1;
  custody.clockHighWaterMs = Math.max(custody.clockHighWaterMs, record.t);
  const applier = APPLIERS[record.r] as Applier<CustodyRecord["r"]>;
  applier(custody, record as never);
}

/** Applies record number `seq` (the first is 1) unless custody has it already; false when it had. A gap in the numbers throws. */
export function replayRecord(custody: Custody, seq: number, record: CustodyRecord): boolean {
  if (seq <= custody.seq) return false;
  insist(seq === custody.seq + 1, `record ${seq} follows ${custody.seq}: the journal has a gap`);
  applyRecord(custody, record);
  return true;
}

type Applier<R extends CustodyRecord["r"]> = (custody: Custody, record: Extract<CustodyRecord, { r: R }>) => void;

const APPLIERS: { readonly [R in CustodyRecord["r"]]: Applier<R> } = {
  epoch: applyEpoch,
  born: applyBorn,
  mint: applyMint,
  burn: (custody, record) => burn(custody, record.item),
  own: applyOwn,
  alter: applyAlter,
  rest: applyRest,
  depart: applyDepart,
  release: applyRelease,
  refund: applyRefund,
  evidence: applyEvidence,
  admit: applyAdmit,
  refuse: applyRefuse,
  closed: applyClosed,
  keys: applyKeys,
  forget: applyForget,
  amnesia: applyAmnesia,
  fenced: applyFenced,
  recalled: applyRecalled,
  gaveup: applyGaveUp,
  lifted: applyLifted,
  build: applyBuild,
  version: applyVersion,
  world: applyWorld,
  seen: (custody, { r: _, t: __, ...seen }) => rememberLink(custody, seen),
  proof: applyProof,
  grant: applyGrant,
  granted: applyGranted,
  denied: applyDenied,
};

function applyEpoch(custody: Custody, record: EpochRecord): void {
  insist(record.n > custody.epoch, "epochs rise");
  custody.epoch = record.n;
}

function applyBorn(custody: Custody, record: BornRecord): void {
  const { traveller, name, body } = record;
  insist(!custody.residents.has(traveller), `${traveller} lives here already`);
  custody.residents.set(traveller, { traveller, name, home: custody.world, status: "here", hop: 0, body });
}

function applyProof(custody: Custody, { spend, frozen }: ProofRecord): void {
  keepProof(custody, spend);
  if (frozen !== undefined) {
    rowOf(custody, frozen).seal = "double-spend";
    custody.claims.delete(frozen);
  }
}

function applyMint(custody: Custody, record: MintRecord): void {
  insistPlace(custody, record.place);
  const rows = flattenItems([record.item]);
  for (const [ahead, item] of rows.entries()) {
    const id = parseNumbered(item.id);
    insist(id?.world === custody.world && id.n === custody.nextSerial + ahead, `${item.id} is not the next number of this world`);
  }
  custody.nextSerial += rows.length;
  custody.minted += rows.length;
  const { tier = "declared", fixed = [] } = record;
  const isEvidenced = tier === "provenance" || tier === "registered";
  const evidence = isEvidenced ? { fixed } : {};
  const add = (item: Item, place: Place): void => {
    insist(item.sealed === undefined, `${item.id} is made sealed`);
    addRow(custody, { id: item.id, kind: item.kind, props: item.props, place, hop: 0, tier, clamps: [], ...evidence });
    if (isEvidenced) custody.evidenced.set(item.id, tier);
    for (const inner of item.contents) add(inner, { in: "item", item: item.id });
  };
  add(record.item, record.place);
}

function burn(custody: Custody, item: ItemRef): void {
  insist(outermostPlace(custody, item).in !== "escrow", `${item} is in escrow`);
  for (const row of itemsWithin(custody, item).reverse()) {
    const issuer = parseNumbered(row.id)?.world ?? custody.world;
    custody.burned.set(issuer, (custody.burned.get(issuer) ?? 0) + 1);
    // A thing that ended here must not come in once more by an older crossing, and be sent on as if it had never gone.
    rememberHop(custody, row.id, row.hop);
    dropRow(custody, row);
  }
}

function applyOwn(custody: Custody, record: OwnRecord): void {
  insist(outermostPlace(custody, record.item).in !== "escrow", `${record.item} is in escrow`);
  insistPlace(custody, record.place);
  if (record.place.in === "item") {
    const inside = record.place.item;
    insist(!itemsWithin(custody, record.item).some((row) => row.id === inside), `${record.item} cannot lie in itself`);
  }
  moveRow(custody, rowOf(custody, record.item), record.place);
}

/** A place something may be put: nobody puts things into escrow, or into the hands of someone who is not here. */
function insistPlace(custody: Custody, place: Place): void {
  insist(place.in !== "escrow", "only a departure puts things into escrow");
  if (place.in === "inventory") insistHere(custody, place.of);
  if (place.in === "item") {
    const outer = outermostPlace(custody, place.item);
    insist(outer.in !== "escrow", `${place.item} is in escrow`);
  }
}

function insistHere(custody: Custody, traveller: TravellerId): void {
  insist(custody.residents.get(traveller)?.status === "here", `${traveller} is not here`);
}

function applyAlter(custody: Custody, record: AlterRecord): void {
  insist(outermostPlace(custody, record.item).in !== "escrow", `${record.item} is in escrow`);
  rowOf(custody, record.item).props = record.props;
}

function applyRest(custody: Custody, record: RestRecord): void {
  insistHere(custody, record.traveller);
  const resident = custody.residents.get(record.traveller)!;
  resident.body = record.body;
  resident.x = record.x;
  resident.y = record.y;
  if (record.name !== undefined) resident.name = record.name;
}

function applyBuild(custody: Custody, record: BuildRecord): void {
  insist(!custody.builds.has(record.id), `${record.id} is built already`);
  if (record.item !== undefined) burn(custody, record.item);
  custody.builds.set(record.id, { id: record.id, object: record.object });
}

function applyVersion(custody: Custody, record: VersionRecord): void {
  for (const id of record.builds) {
    const build = custody.builds.get(id);
    insist(build !== undefined, `${id} was never built`);
    build.version ??= record.root;
    delete build.isGone;
  }
  for (const id of record.without ?? []) {
    const build = custody.builds.get(id);
    insist(build?.version !== undefined, `${id} is in no version`);
    build.isGone = true;
  }
  custody.substrate = record.root;
}

function applyWorld(custody: Custody, record: WorldRecord): void {
  if (record.value === "") custody.facts.delete(record.key);
  else custody.facts.set(record.key, record.value);
}
