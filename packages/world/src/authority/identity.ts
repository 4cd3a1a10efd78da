// Who a world is: the secret in its data folder. Whoever has it is the world, and a folder that has lived keeps the key it lived under.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { nodeNotary } from "@sojourn/passport/node";
import type { WorldId } from "@sojourn/protocol";
import { randomBytes } from "@sojourn/runtime";
import { keptValue } from "@sojourn/runtime/node";

const KEY_FILE = "world.key";
const SECRET_BYTES = 32;

/** 32 bytes as hex, made when the world first opens. Throws an Error when the file holds something else. */
export async function worldSecret(dataFolder: string): Promise<Uint8Array> {
  const kept = await keptValue(dataFolder, KEY_FILE, () => Buffer.from(`${Buffer.from(randomBytes(SECRET_BYTES)).toString("hex")}\n`));
  return secretOf(Buffer.from(kept).toString("latin1"), dataFolder);
}

/** The id of the world that a data folder belongs to; undefined when none has opened there yet. Throws an Error when its key is damaged. */
export async function readWorldId(dataFolder: string): Promise<WorldId | undefined> {
  let text: string;
  try {
    text = await readFile(join(dataFolder, KEY_FILE), "latin1");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  return nodeNotary(secretOf(text, dataFolder)).world;
}

function secretOf(text: string, dataFolder: string): Uint8Array {
  if (!/^[0-9a-f]{64}\s*$/i.test(text)) {
    throw new Error(
      `${join(dataFolder, KEY_FILE)} is no world's key: 64 hexadecimal digits are needed; put it back from a backup, nothing else can`,
    );
  }
  return new Uint8Array(Buffer.from(text.slice(0, SECRET_BYTES * 2), "hex"));
}
