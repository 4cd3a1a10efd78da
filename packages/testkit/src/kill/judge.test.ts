// The judge, shown stores in which all is well and stores in which it is not.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CustodyRecord, encodeRecord } from "@sojourn/protocol";
import { fileJournal } from "@sojourn/runtime/node";
import { afterAll, expect, test } from "vitest";
import { judge, type Verdict } from "./judge.ts";
import { hashOf, type Told } from "./told.ts";

const folder = mkdtempSync(join(tmpdir(), "sojourn-judge-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const did = (letter: string): string => `did:key:z6Mk${letter.repeat(44)}`;
const [ash, birch, ada] = [did("A"), did("B"), did("C")];
const torch = `1@${ash}`;
const body = { health: 100, props: {} };
const item = { id: torch, kind: "torch", props: {}, contents: [] };
const passport = "a.b.c";
const hash = hashOf(passport);
const transfer = `1@${ash}`;

const born: CustodyRecord = { r: "born", t: 1, traveller: ada, name: "Ada", body };
const mint: CustodyRecord = { r: "mint", t: 1, item, place: { in: "inventory", of: ada } };
const depart: CustodyRecord = {
  r: "depart",
  t: 2,
  n: 1,
  to: birch,
  traveller: ada,
  passport,
  hash,
  items: [torch],
  kept: [],
  body,
  exp: 9,
};
const release: CustodyRecord = { r: "release", t: 4, transfer, proof: "r" };
const refund: CustodyRecord = { r: "refund", t: 4, transfer, proof: "r" };
const refuse: CustodyRecord = { r: "refuse", t: 3, transfer, hash, exp: 9, code: "cancelled", reason: "no" };
const admit: CustodyRecord = {
  ...{ r: "admit", t: 3, transfer, passport, hash, exp: 9, traveller: ada, name: "Ada", home: ash, hop: 1, body },
  ...{ items: [{ id: torch, kind: "torch", props: {}, hop: 1, contents: [] }], clamps: [], unlocked: [] },
};

let stores = 0;
function judged(atAsh: readonly CustodyRecord[], atBirch: readonly CustodyRecord[], told: readonly Told[] = []): Verdict {
  stores += 1;
  const write = (world: string, name: string, records: readonly CustodyRecord[]): string => {
    const place = join(folder, `${stores}-${name}`);
    mkdirSync(place);
    const journal = fileJournal(join(place, "journal"));
    const whose: CustodyRecord = { r: "world", t: 0, key: "world.id", value: world };
    journal.append([whose, ...records].map((record) => encodeRecord(record)));
    journal.close();
    return place;
  };
  return judge([write(ash, "ash", atAsh), write(birch, "birch", atBirch)], told);
}

test("the judge finds nothing wrong with a crossing that went well, was given back, or is under way", () => {
  const well = { travellers: 1, items: 1, lost: [], duplicated: [], violations: [] };
  const told: Told[] = [
    { told: "passport", world: ash, transfer, hash },
    { told: "arrived", world: birch, transfer },
    { told: "items", world: birch, items: [torch] },
  ];
  expect(judged([born, mint, depart, release], [admit], told)).toMatchObject({ ...well, confirmed: 1, returned: 0, open: 0 });
  expect(judged([born, mint, depart], [admit])).toMatchObject({ ...well, confirmed: 0, open: 1 });
  expect(judged([born, mint, depart], [])).toMatchObject({ ...well, open: 1 });
  expect(judged([born, mint, depart, refund], [refuse])).toMatchObject({ ...well, returned: 1, open: 0 });
});

test("the judge sees who and what is lost", () => {
  const person = `${ada} of ${ash}`;
  const gone = judged([born, mint, depart, release], []);
  expect(gone.lost).toEqual([person, torch]);
  expect(gone.violations).toEqual([expect.stringContaining("never admitted")]);
  const emptyHanded: CustodyRecord = { ...admit, items: [] };
  const verdict = judged([born, mint, depart, release], [emptyHanded]);
  expect(verdict.lost).toEqual([torch]);
  expect(verdict.violations).toEqual([expect.stringContaining("what came is not what left")]);
});

test("the judge sees who and what is in two places", () => {
  const twice = judged([born, mint, depart, refund], [admit]);
  expect(twice.duplicated).toEqual([`${ada} of ${ash}`, torch]);
  expect(twice.violations).toEqual([expect.stringContaining("never refused")]);
  expect(judged([born, mint], [admit]).duplicated).toEqual([`${ada} of ${ash}`, torch]);
  expect(judged([born, mint, depart, release], [admit, refuse]).violations).toEqual([expect.stringContaining("both admitted and refused")]);
});

test("the judge sees what was told and never written", () => {
  const told: Told[] = [
    { told: "passport", world: ash, transfer, hash },
    { told: "arrived", world: birch, transfer },
    { told: "items", world: ash, items: [`2@${ash}`] },
  ];
  expect(judged([born, mint], [], told).violations).toEqual([
    expect.stringContaining("a passport went out"),
    expect.stringContaining("welcomed by"),
    expect.stringContaining("was shown"),
  ]);
});
