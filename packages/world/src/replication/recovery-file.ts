// What a data folder seals with: the public half of the recovery key and a state key, so that a world whose identity key lies in a drawer
// still seals what only that key opens. The file opens what was sealed with it; it is as secret as the folder.
import { join } from "node:path";
import { newStateKey, recoveryKeys, type StateKey } from "@sojourn/passport/node";
import { check, FaultError, fault, struct, text } from "@sojourn/protocol";
import { keptValue } from "@sojourn/runtime/node";
import { readFileText } from "./files.ts";

export const RECOVERY_FILE = "recovery.json";

const schema = struct({
  about: text(256),
  recovery: text(64, /^[0-9a-f]{64}$/),
  key: text(64, /^[0-9a-f]{64}$/),
  envelope: text(256, /^[0-9a-f]{256}$/),
});

/**
 * What this folder seals with; made when there is none and the identity key (32 secret bytes) is at hand; undefined when it is not.
 * Throws a FaultError when the file is damaged, or was made by another identity key.
 */
export async function stateKeyOf(dataFolder: string, identity: Uint8Array | undefined): Promise<StateKey | undefined> {
  const path = join(dataFolder, RECOVERY_FILE);
  if (identity !== undefined) await keptValue(dataFolder, RECOVERY_FILE, () => newFile(recoveryKeys(identity).publicKey));
  const source = await readFileText(path);
  if (source === undefined) return undefined;
  const wrong = (why: string): FaultError =>
    new FaultError(
      fault("store-failed", "world", `${path} ${why}; put it back from a backup, or move it away while the identity key is in the folder`),
    );
  const kept = check(schema, parsed(source), RECOVERY_FILE);
  if (!kept.ok) throw wrong(`is damaged (${kept.fault.detail})`);
  const { recovery, key, envelope } = kept.value;
  if (identity !== undefined && Buffer.from(recoveryKeys(identity).publicKey).toString("hex") !== recovery)
    throw wrong("is that of another world");
  return { key: bytesOf(key), envelope: bytesOf(envelope) };
}

function newFile(recoveryKey: Uint8Array): Uint8Array {
  const { key, envelope } = newStateKey(recoveryKey);
  const about = "what this world's replicas are sealed with; the identity key opens them without it";
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
  const kept = { about, recovery: hex(recoveryKey), key: hex(key), envelope: hex(envelope) };
  return new TextEncoder().encode(`${JSON.stringify(kept, undefined, 2)}\n`);
}

function parsed(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}
