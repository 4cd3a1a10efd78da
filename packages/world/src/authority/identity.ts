// Who a world is and what signs for it. A new world signs with its identity key, kept in world.key: whoever has it is the world. A world
// that has stated its keys signs with the one in signing.json, beside the statement; then world.key may lie elsewhere.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openToken } from "@sojourn/passport";
import { nodeEd25519, nodeNotary } from "@sojourn/passport/node";
import {
  check,
  FaultError,
  fault,
  isSigningKey,
  type KeyStatement,
  LIMITS,
  type Notary,
  struct,
  text,
  type WorldId,
} from "@sojourn/protocol";
import { randomBytes } from "@sojourn/runtime";
import { fileStore, keptValue } from "@sojourn/runtime/node";

export const IDENTITY_FILE = "world.key";
export const SIGNING_FILE = "signing.json";
const SECRET_BYTES = 32;

/** A statement as it was signed, and what it says. */
export interface Stated {
  readonly token: string;
  readonly statement: KeyStatement;
}

/** What a world signs with now. */
export interface WorldKeys {
  readonly world: WorldId;
  readonly secret: Uint8Array;
  readonly notary: Notary;
  /** Undefined while the identity key signs. */
  readonly stated: Stated | undefined;
}

/** The keys of the world in a data folder; an identity key is made when there is none. Throws a FaultError that says which file is damaged. */
export async function worldKeys(dataFolder: string): Promise<WorldKeys> {
  const kept = await readKeys(dataFolder);
  if (kept !== undefined) return kept;
  const made = await keptValue(dataFolder, IDENTITY_FILE, newSecret);
  return byIdentity(secretOf(Buffer.from(made).toString("latin1"), join(dataFolder, IDENTITY_FILE)));
}

/** What a world shows beside a signature of its own: nothing while its identity key signs. */
export function shownKeys({ notary, stated }: WorldKeys): { readonly kid?: string; readonly keys?: string } {
  return stated === undefined ? {} : { kid: notary.kid, keys: stated.token };
}

/** The same; undefined when no world has opened there yet. */
export async function readKeys(dataFolder: string): Promise<WorldKeys | undefined> {
  const identity = await readIdentity(dataFolder);
  const signing = await readText(join(dataFolder, SIGNING_FILE));
  if (signing === undefined) return identity === undefined ? undefined : byIdentity(identity);
  const keys = bySigningKey(signing, join(dataFolder, SIGNING_FILE));
  if (identity !== undefined && byIdentity(identity).world !== keys.world)
    throw damaged(`${join(dataFolder, IDENTITY_FILE)} is not the identity key of ${keys.world}, whose keys ${SIGNING_FILE} states`);
  return keys;
}

/** The id of the world that a data folder belongs to; undefined when none has opened there yet. Throws a FaultError when its key is damaged. */
export async function readWorldId(dataFolder: string): Promise<WorldId | undefined> {
  return (await readKeys(dataFolder))?.world;
}

/** The secret of the identity key, when it lies in the data folder. */
export async function readIdentity(dataFolder: string): Promise<Uint8Array | undefined> {
  return readSecret(join(dataFolder, IDENTITY_FILE));
}

/** A secret in a file of its own; undefined when there is no such file. */
export async function readSecret(path: string): Promise<Uint8Array | undefined> {
  const kept = await readText(path);
  return kept === undefined ? undefined : secretOf(kept, path);
}

/** A secret as its file holds it. */
export function secretText(secret: Uint8Array): string {
  return `${Buffer.from(secret).toString("hex")}\n`;
}

/** Puts a statement and the key that signs in place of those that were there, both or neither. */
export async function keepSigning(dataFolder: string, token: string, secret: Uint8Array): Promise<void> {
  const kept = { about: "what this world signs with; whoever has it speaks for the world until it is revoked", statement: token };
  const whole = { ...kept, secret: Buffer.from(secret).toString("hex") };
  await fileStore(dataFolder).set(SIGNING_FILE, new TextEncoder().encode(`${JSON.stringify(whole, undefined, 2)}\n`));
}

function newSecret(): Uint8Array {
  return new TextEncoder().encode(secretText(randomBytes(SECRET_BYTES)));
}

function byIdentity(secret: Uint8Array): WorldKeys {
  const notary = nodeNotary(secret);
  return { world: notary.world, secret, notary, stated: undefined };
}

const signingSchema = struct({ about: text(256), statement: text(LIMITS.statementBytes), secret: text(64, /^[0-9a-f]{64}$/) });

function bySigningKey(source: string, path: string): WorldKeys {
  const wrong = (why: string): FaultError => damaged(`${path} ${why}; put it back from a backup, or move it away and: sojourn key rotate`);
  const parsed = parse(source);
  const kept = check(signingSchema, parsed, SIGNING_FILE);
  if (!kept.ok) throw wrong(`is damaged (${kept.fault.detail})`);
  const stated = readStatement(kept.value.statement);
  if (stated === undefined) throw wrong("holds no statement of a world's keys");
  const world = stated.statement.iss;
  const secret = new Uint8Array(Buffer.from(kept.value.secret, "hex"));
  const notary = nodeNotary(secret, world);
  if (!isSigningKey(stated.statement, world, notary.kid)) throw wrong("holds a key that its own statement does not let sign");
  return { world, secret, notary, stated };
}

/** A genuine statement of a world's keys. */
export function readStatement(token: string): Stated | undefined {
  const opened = openToken(token, nodeEd25519);
  return opened.ok && opened.value.claims.typ === "keys" ? { token, statement: opened.value.claims } : undefined;
}

function damaged(detail: string): FaultError {
  return new FaultError(fault("store-failed", "world", detail));
}

function parse(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "latin1");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function secretOf(text: string, path: string): Uint8Array {
  if (!/^[0-9a-f]{64}\s*$/i.test(text)) {
    throw damaged(`${path} is no world's key: 64 hexadecimal digits are needed; put it back from a backup, nothing else can`);
  }
  return new Uint8Array(Buffer.from(text.slice(0, SECRET_BYTES * 2), "hex"));
}
