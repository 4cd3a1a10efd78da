// What every store of heads promises, as one suite of rules: `for (const rule of headStoreRules) test(rule.title, () => rule.check(place))`.
import { FaultError, type Result, type WorldId } from "@sojourn/protocol";
import type { HeadStore } from "@sojourn/substrate";

/** Where a store of heads of one kind can be had: empty, and opened again upon what is there already. */
export interface HeadStorePlace {
  open(): Promise<HeadStore> | HeadStore;
  /** A second door to what this store holds, as another process would open it. */
  again(store: HeadStore): Promise<HeadStore> | HeadStore;
  /** Signed heads of this world in rising order. A store that believes nothing takes any bytes; one that verifies needs these. */
  heads?(world: WorldId, count: number): Promise<Uint8Array[]>;
  /** A world of which this place may keep heads. */
  readonly world?: WorldId;
}

export interface HeadStoreRule {
  readonly title: string;
  check(place: HeadStorePlace): Promise<void>;
}

export const headStoreRules: readonly HeadStoreRule[] = [
  { title: "has no head of a world at first, and says so", check: hasNone },
  { title: "gives back exactly the head that was put last", check: givesBack },
  { title: "puts a head in place of the one that was named, and of no other", check: swapsExactly },
  { title: "lets one of many writers win, and tells the others", check: oneWins },
  { title: "answers a name that is no world with a fault", check: refusesNames },
  { title: "lists the worlds of its heads, where it can", check: lists },
];

const WORLD = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";

async function someHeads(place: HeadStorePlace, count: number): Promise<{ world: WorldId; heads: Uint8Array[] }> {
  const world = place.world ?? WORLD;
  const plain = Array.from({ length: count }, (_, i) => Uint8Array.from({ length: 200 + i }, (_, at) => (at * 7 + i) & 255));
  return { world, heads: (await place.heads?.(world, count)) ?? plain };
}

function holds(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`the store of heads breaks its contract: ${what}`);
}

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new FaultError(result.fault);
  return result.value;
}

function same(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.length === b.length && a.every((byte, i) => byte === b[i]);
}

async function hasNone(place: HeadStorePlace): Promise<void> {
  const { world } = await someHeads(place, 0);
  holds(valueOf(await (await place.open()).read(world)) === undefined, "an empty store gives a head");
}

async function givesBack(place: HeadStorePlace): Promise<void> {
  const { world, heads } = await someHeads(place, 4);
  const store = await place.open();
  let over: Uint8Array | undefined;
  for (const head of heads) {
    valueOf(await store.swap(world, head, over));
    over = head;
    holds(same(valueOf(await store.read(world)), head), "another head comes back than was put");
    const again = await place.again(store);
    holds(same(valueOf(await again.read(world)), head), "another head comes back when it is opened again");
  }
}

async function swapsExactly(place: HeadStorePlace): Promise<void> {
  const { world, heads } = await someHeads(place, 3);
  const [first, second, third] = heads as [Uint8Array, Uint8Array, Uint8Array];
  const store = await place.open();
  const early = await store.swap(world, second, first);
  holds(!early.ok && early.fault.code === "stale-head", "it replaces a head that never lay there");
  valueOf(await store.swap(world, first, undefined));
  const twice = await store.swap(world, second, undefined);
  holds(!twice.ok && twice.fault.code === "stale-head", "it takes a first head where one lies");
  valueOf(await store.swap(world, second, first));
  const late = await store.swap(world, third, first);
  holds(!late.ok && late.fault.code === "stale-head", "it replaces a head that is no longer there");
  holds(same(valueOf(await store.read(world)), second), "a refused head lies there");
}

async function oneWins(place: HeadStorePlace): Promise<void> {
  const { world, heads } = await someHeads(place, 13);
  const store = await place.open();
  let over: Uint8Array | undefined;
  for (let round = 0; round < 3; round++) {
    const rivals = heads.slice(round * 4, round * 4 + 4);
    const doors = await Promise.all(rivals.map(() => place.again(store)));
    const results = await Promise.all(rivals.map((head, i) => (doors[i] as HeadStore).swap(world, head, over)));
    const won = results.flatMap((result, i) => (result.ok ? [rivals[i] as Uint8Array] : []));
    holds(won.length === 1, `${won.length} of four writers won`);
    holds(
      results.every((result) => result.ok || result.fault.code === "stale-head"),
      "a loser is told something else than stale-head",
    );
    holds(same(valueOf(await store.read(world)), won[0]), "the head of a loser lies there");
    over = won[0];
  }
}

async function refusesNames(place: HeadStorePlace): Promise<void> {
  const store = await place.open();
  for (const name of ["", "../heads", "did:key:z6Mk", `${WORLD}/..`, "did:web:example.org"]) {
    holds(!(await store.read(name)).ok, `it reads a head of ${JSON.stringify(name)}`);
    holds(!(await store.swap(name, new Uint8Array(9), undefined)).ok, `it takes a head of ${JSON.stringify(name)}`);
  }
}

async function lists(place: HeadStorePlace): Promise<void> {
  const { world, heads } = await someHeads(place, 1);
  const store = await place.open();
  if (store.list === undefined) return;
  holds(valueOf(await store.list()).length === 0, "an empty store lists a world");
  valueOf(await store.swap(world, heads[0] as Uint8Array, undefined));
  holds(valueOf(await store.list()).join() === world, "it does not list the world of its head");
}
