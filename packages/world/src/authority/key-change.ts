// What an operator does with a world's keys, in its data folder: another key signs, an old one is revoked, the identity key goes elsewhere.
// A running world notices the folder. Each step leaves the folder able to open, wherever it ends.
import { link, open, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { nodeNotary } from "@sojourn/passport/node";
import { CUSTODY, FaultError, fault, isSigningKey, type ListedKey } from "@sojourn/protocol";
import { randomBytes } from "@sojourn/runtime";
import { stateKeyOf } from "../replication/recovery-file.ts";
import { IDENTITY_FILE, keepSigning, readIdentity, readKeys, readSecret, type WorldKeys } from "./identity.ts";

export interface KeyChange {
  /** A file with the identity key, where it does not lie in the data folder. */
  readonly identityFile?: string;
  /** The version that the statement must be above, when others know one that this folder has lost. */
  readonly after?: number;
  readonly nowMs?: number;
}

/** Another key signs from now on; the one before counts for what is on its way, and then no more. */
export async function rotateKey(dataFolder: string, change: KeyChange = {}): Promise<WorldKeys> {
  const until = (change.nowMs ?? Date.now()) + CUSTODY.retireMs;
  return restate(dataFolder, change, (keys, kid) => keys.map((one) => (one.key === kid ? { ...one, until } : one)), true);
}

/** `key` (or the key that signs now, which is then replaced) may be in other hands: nothing by it counts where the revocation is known. */
export async function revokeKey(dataFolder: string, key: string | undefined, change: KeyChange = {}): Promise<WorldKeys> {
  const now = await keysOf(dataFolder);
  const revoked = key ?? now.notary.kid;
  if (now.stated === undefined) {
    const detail =
      "this world signs with its identity key, and whoever has that is the world: it cannot be revoked. From now on: sojourn key rotate, then sojourn key detach";
    throw new FaultError(fault("refused", "client", detail));
  }
  if (!now.stated.statement.keys.some((one) => one.key === revoked))
    throw new FaultError(fault("no-such-target", "client", `${revoked} is none of this world's keys (sojourn key show lists them)`));
  const mark = (keys: readonly ListedKey[]): ListedKey[] =>
    keys.map((one) => (one.key === revoked ? { key: one.key, revoked: true } : one));
  return restate(dataFolder, change, mark, revoked === now.notary.kid);
}

/** Moves the identity key out of the data folder into `file`, which must not be there yet. A world that has stated no keys does so first. */
export async function detachIdentity(dataFolder: string, file: string): Promise<WorldKeys> {
  const identity = await readIdentity(dataFolder);
  if (identity === undefined) throw new FaultError(fault("no-such-target", "client", `the identity key does not lie in ${dataFolder}`));
  if (dirname(resolve(file)) === resolve(dataFolder))
    throw new FaultError(fault("malformed", "client", "inside of the data folder the identity key is with what it is to be apart from"));
  // What replicas are sealed with has to come from the identity key while it is here.
  await stateKeyOf(dataFolder, identity);
  const before = await keysOf(dataFolder);
  const keys = before.stated === undefined ? await rotateKey(dataFolder) : before;
  await putAway(join(dataFolder, IDENTITY_FILE), file, identity);
  return keys;
}

async function putAway(from: string, file: string, identity: Uint8Array): Promise<void> {
  const there = await readSecret(file).catch(() => new Uint8Array());
  if (there !== undefined && Buffer.compare(there, identity) !== 0)
    throw new FaultError(fault("refused", "client", `there is a file ${file} already; name one that is not there`));
  if (there === undefined) await writeNew(file, `${Buffer.from(identity).toString("hex")}\n`);
  await rm(from);
  await flush(dirname(from));
}

/** Whole and on disk when it resolves, or not there. */
async function writeNew(file: string, content: string): Promise<void> {
  const beside = `${file}.${Buffer.from(randomBytes(6)).toString("hex")}~`;
  const handle = await open(beside, "wx", 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(beside, file);
  } finally {
    await rm(beside, { force: true });
  }
  await flush(dirname(file));
}

async function flush(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A newer statement: the present keys as `change` leaves them, and a new one in front that signs, if `isNew`. */
async function restate(
  dataFolder: string,
  { identityFile, after = 0, nowMs = Date.now() }: KeyChange,
  change: (keys: readonly ListedKey[], kid: string) => readonly ListedKey[],
  isNew: boolean,
): Promise<WorldKeys> {
  const before = await keysOf(dataFolder);
  const { world, notary, stated } = before;
  const identity = nodeNotary(await identityOf(dataFolder, identityFile));
  if (identity.world !== world)
    throw new FaultError(fault("refused", "client", `that is the identity key of ${identity.world}, and this world is ${world}`));
  const secret = isNew ? randomBytes(32) : before.secret;
  const kid = nodeNotary(secret, world).kid;
  const listed = change(stated?.statement.keys ?? [{ key: world }], notary.kid);
  const keys = withRoom(isNew ? [{ key: kid }, ...listed] : listed, world, kid, nowMs);
  const version = Math.max(stated?.statement.version ?? 0, after) + 1;
  const token = identity.sign({ typ: "keys", iss: world, iat: nowMs, version, keys });
  await keepSigning(dataFolder, token, secret);
  return keysOf(dataFolder);
}

/** As many keys as a statement lists. What goes first is unknown afterwards, which counts as little as withdrawn. */
function withRoom(keys: readonly ListedKey[], world: string, kid: string, nowMs: number): readonly ListedKey[] {
  if (keys.length <= CUSTODY.listedKeys) return keys;
  const needed = keys.filter((one) => one.key === kid || isSigningKey({ keys }, world, one.key) || (one.until ?? 0) > nowMs);
  const others = keys.filter((one) => !needed.includes(one));
  return [...needed, ...others].slice(0, CUSTODY.listedKeys);
}

/** The identity key, from the folder or the file that an operator named. Throws a FaultError that says where it is not. */
export async function identityOf(dataFolder: string, file: string | undefined): Promise<Uint8Array> {
  const identity = file === undefined ? await readIdentity(dataFolder) : await readSecret(file);
  if (identity !== undefined) return identity;
  const detail =
    file === undefined
      ? "the identity key does not lie in the data folder; say where it is with --identity FILE"
      : `there is no file ${file} with an identity key`;
  throw new FaultError(fault("no-such-target", "client", detail));
}

async function keysOf(dataFolder: string): Promise<WorldKeys> {
  const keys = await readKeys(dataFolder);
  if (keys !== undefined) return keys;
  throw new FaultError(fault("no-such-target", "client", `no world has opened in ${dataFolder} yet`));
}
