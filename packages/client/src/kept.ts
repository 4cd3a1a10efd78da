// What a traveller keeps beyond the program, by name and checked when read again: the key, and of each world the identity that
// was met at its address and its last manifest. Law: what does not read as what was written counts as not kept, except the key.
import { generateKeys, type KeyPair, keysFromSecret } from "@sojourn/passport";
import {
  bytes,
  check,
  decodePlain,
  encodePlain,
  type Fault,
  FaultError,
  fault,
  type HeldCrossing,
  type KnownKeys,
  keysVersion,
  LIMITS,
  listedKeys,
  type Manifest,
  manifestSchema,
  ok,
  optional,
  type Result,
  real,
  type Schema,
  struct,
  text,
  transferIdSchema,
  uint,
  valueOf,
  WORLD_EDGE,
  worldIdSchema,
} from "@sojourn/protocol";
import { makeBlock, type SeenHead } from "@sojourn/substrate";
import { worldAddress } from "./address.ts";
import { KEPT } from "./limits.ts";
import type { TravellerStorage } from "./visitor.ts";

const SECRET = "key";
const SECRET_BYTES = 32;

/** A world that was entered from here before: what it said it is, when it was last heard, and where one stood. */
export interface SeenWorld {
  readonly url: string;
  readonly seenMs: number;
  /** When the world itself was last heard, where that is not `seenMs`: what was seen is an heir's. */
  readonly heardMs?: number | undefined;
  readonly manifest: Manifest;
  readonly x: number;
  readonly y: number;
}
const seenWorldSchema: Schema<SeenWorld> = struct({
  url: text(KEPT.urlBytes),
  seenMs: uint(),
  heardMs: optional(uint()),
  manifest: manifestSchema,
  x: real(-WORLD_EDGE, WORLD_EDGE),
  y: real(-WORLD_EDGE, WORLD_EDGE),
});

const CROSSING = "crossing";
const heldSchema: Schema<HeldCrossing> = struct({
  transfer: transferIdSchema,
  destination: struct({ world: worldIdSchema, name: text(64), url: text(KEPT.urlBytes) }),
  passport: text(LIMITS.passportBytes),
  origin: struct({ url: text(KEPT.urlBytes), world: optional(worldIdSchema) }),
});

const pinSchema: Schema<{ readonly url: string; readonly world: string }> = struct({ url: text(KEPT.urlBytes), world: worldIdSchema });

const knownKeysSchema: Schema<KnownKeys & { readonly world: string }> = struct({
  world: worldIdSchema,
  version: keysVersion,
  token: text(LIMITS.statementBytes),
  keys: listedKeys,
});

const seenHeadSchema: Schema<SeenHead & { readonly world: string }> = struct({
  world: worldIdSchema,
  sequence: uint(),
  heartbeat: text(64),
  heardMs: optional(uint()),
  succession: optional(bytes(1, LIMITS.successionBytes)),
  resumed: optional(struct({ fromSequence: uint(), sinceMs: uint(), afterMs: uint() })),
});

/** The traveller's key, made and kept when there is none yet. Rejects with a FaultError `store-failed`. */
export async function keptKeys(storage: TravellerStorage): Promise<KeyPair> {
  const secret = await reading(() => storage.get(SECRET));
  if (secret !== undefined) {
    if (secret.length === SECRET_BYTES) return keysFromSecret(secret);
    throw new FaultError(
      fault("store-failed", "client", "the traveller's key was altered where it is kept; a new one would be a new traveller"),
    );
  }
  const keys = await generateKeys();
  await reading(() => storage.set(SECRET, keys.secret));
  return keys;
}

/** The identity first met at this address; undefined when it is a new one. */
export async function pinnedWorld(storage: TravellerStorage, url: string): Promise<string | undefined> {
  const pin = await keptValue(storage, await keyOf("pin", url), pinSchema);
  return pin?.url === url ? pin.world : undefined;
}

export async function pinWorld(storage: TravellerStorage, url: string, world: string): Promise<void> {
  await keepValue(storage, await keyOf("pin", url), pinSchema, { url, world });
}

/** The newest statement of its keys that this world has shown here. */
export async function knownKeys(storage: TravellerStorage, world: string): Promise<KnownKeys | undefined> {
  const kept = await keptValue(storage, await keyOf("keys", world), knownKeysSchema);
  return kept?.world === world ? { version: kept.version, token: kept.token, keys: kept.keys } : undefined;
}

export async function keepKnownKeys(storage: TravellerStorage, world: string, known: KnownKeys): Promise<void> {
  await keepValue(storage, await keyOf("keys", world), knownKeysSchema, { world, ...known });
}

/**
 * Takes back what is known of the world at this address, so that whoever answers there next counts as met for the first time.
 * For a person who knows why a world has another key now.
 */
export async function forgetWorld(storage: TravellerStorage, url: string): Promise<void> {
  const { base } = valueOf(worldAddress(url));
  const world = await pinnedWorld(storage, base);
  const keys = [await keyOf("pin", base), await keyOf("seen", base), ...(world === undefined ? [] : [await keyOf("keys", world)])];
  for (const key of keys) await reading(() => storage.delete(key));
}

export async function seenWorld(storage: TravellerStorage, url: string): Promise<SeenWorld | undefined> {
  const seen = await keptValue(storage, await keyOf("seen", url), seenWorldSchema);
  return seen?.url === url ? seen : undefined;
}

export async function rememberWorld(storage: TravellerStorage, seen: SeenWorld): Promise<void> {
  await keepValue(storage, await keyOf("seen", seen.url), seenWorldSchema, seen);
}

/** The highest head that was seen of a world: an older one is never shown in its place. */
export async function seenHead(storage: TravellerStorage, world: string): Promise<SeenHead | undefined> {
  const kept = await keptValue(storage, await keyOf("head", world), seenHeadSchema);
  return kept?.world === world ? kept : undefined;
}

export async function keepHead(storage: TravellerStorage, world: string, seen: SeenHead): Promise<void> {
  const { sequence, heartbeat, heardMs, succession, resumed } = seen;
  await keepValue(storage, await keyOf("head", world), seenHeadSchema, {
    ...{ world, sequence, heartbeat },
    ...(heardMs === undefined ? {} : { heardMs }),
    ...(succession === undefined ? {} : { succession }),
    ...(resumed === undefined ? {} : { resumed }),
  });
}

/** The crossing that was under way when the program ended. */
export async function keptCrossing(storage: TravellerStorage): Promise<HeldCrossing | undefined> {
  return await keptValue(storage, CROSSING, heldSchema);
}

/** Durable when it resolves: only then may the origin be told that the passport is held. */
export async function keepCrossing(storage: TravellerStorage, held: HeldCrossing): Promise<void> {
  await keepValue(storage, CROSSING, heldSchema, held);
}

export async function dropCrossing(storage: TravellerStorage): Promise<void> {
  await reading(() => storage.delete(CROSSING));
}

const utf8 = new TextEncoder();

/** Addresses and world ids become names of one alphabet and length. */
async function keyOf(kind: "pin" | "seen" | "keys" | "head", of: string): Promise<string> {
  return `${kind}.${(await makeBlock("raw", utf8.encode(of))).cid}`;
}

async function keptValue<T>(storage: TravellerStorage, key: string, schema: Schema<T>): Promise<T | undefined> {
  const bytes = await reading(() => storage.get(key));
  if (bytes === undefined) return undefined;
  const plain = decodePlain(bytes, { maxBytes: KEPT.bytes, maxDepth: KEPT.depth, maxValues: KEPT.values });
  const value: Result<T> = plain.ok ? check(schema, plain.value) : plain;
  return value.ok ? value.value : undefined;
}

/** What could not be read again is not written: that would be a bug, and throws. */
async function keepValue<T>(storage: TravellerStorage, key: string, schema: Schema<T>, value: T): Promise<void> {
  const bytes = encodePlain(valueOf(check(schema, value)));
  await reading(() => storage.set(key, bytes));
}

/** Whatever a storage throws becomes a fault that says where. */
async function reading<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof FaultError ? error : new FaultError(storeFault(error));
  }
}

export function storeFault(error: unknown): Fault {
  if (error instanceof FaultError) return error.fault;
  return fault(
    "store-failed",
    "client",
    `the traveller's storage: ${error instanceof Error ? error.message : String(error)}`.slice(0, 500),
  );
}

/** A promise as a result: faults are values inside this room. */
export async function settled<T>(work: Promise<T>): Promise<Result<T>> {
  try {
    return ok(await work);
  } catch (error) {
    return { ok: false, fault: storeFault(error) };
  }
}
