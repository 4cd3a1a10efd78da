// What a traveller keeps beyond the program, by name and checked when read again: the key, and of each world the identity that
// was met at its address and its last manifest. Law: what does not read as what was written counts as not kept, except the key.
import { generateKeys, type KeyPair, keysFromSecret } from "@sojourn/passport";
import {
  check,
  decodePlain,
  encodePlain,
  type Fault,
  FaultError,
  fault,
  type Manifest,
  manifestSchema,
  ok,
  type Result,
  real,
  struct,
  type TypeOf,
  text,
  uint,
  worldIdSchema,
} from "@sojourn/protocol";
import { makeBlock } from "@sojourn/substrate";
import { KEPT } from "./limits.ts";
import type { TravellerStorage } from "./visitor.ts";

const SECRET = "key";
const SECRET_BYTES = 32;

const seenWorldSchema = struct({
  url: text(KEPT.urlBytes),
  world: worldIdSchema,
  seenMs: uint(),
  manifest: manifestSchema,
  /** Where one stood. */
  x: real(-1_048_576, 1_048_576),
  y: real(-1_048_576, 1_048_576),
});
/** A world that was entered from here before. */
export type SeenWorld = TypeOf<typeof seenWorldSchema>;

const pinSchema = struct({ url: text(KEPT.urlBytes), world: worldIdSchema });

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
  await keepValue(storage, await keyOf("pin", url), { url, world });
}

/**
 * Takes back what is known of the world at this address, so that whoever answers there next counts as met for the first time.
 * For a person who knows why a world has another key now.
 */
export async function forgetWorld(storage: TravellerStorage, url: string): Promise<void> {
  for (const kind of ["pin", "seen"] as const) {
    const key = await keyOf(kind, url);
    await reading(() => storage.delete(key));
  }
}

export async function seenWorld(storage: TravellerStorage, url: string): Promise<SeenWorld | undefined> {
  const seen = await keptValue(storage, await keyOf("seen", url), seenWorldSchema);
  return seen?.url === url ? seen : undefined;
}

export async function rememberWorld(storage: TravellerStorage, seen: SeenWorld): Promise<void> {
  await keepValue(storage, await keyOf("seen", seen.url), seen);
}

/** A plain manifest out of the message that brought it. */
export function manifestOf(message: Manifest & { readonly t?: unknown }): Manifest {
  const { t: _, ...manifest } = message;
  return manifest;
}

const utf8 = new TextEncoder();

/** Addresses become names of one alphabet and length. */
async function keyOf(kind: "pin" | "seen", url: string): Promise<string> {
  return `${kind}.${(await makeBlock("raw", utf8.encode(url))).cid}`;
}

export async function keptValue<T>(storage: TravellerStorage, key: string, schema: Parameters<typeof check<T>>[0]): Promise<T | undefined> {
  const bytes = await reading(() => storage.get(key));
  if (bytes === undefined) return undefined;
  const plain = decodePlain(bytes, { maxBytes: KEPT.bytes, maxDepth: KEPT.depth, maxValues: KEPT.values });
  const value: Result<T> = plain.ok ? check(schema, plain.value) : plain;
  return value.ok ? value.value : undefined;
}

export async function keepValue(storage: TravellerStorage, key: string, value: unknown): Promise<void> {
  await reading(() => storage.set(key, encodePlain(value)));
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
