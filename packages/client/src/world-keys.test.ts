// A visitor at the door of a world that signs with other keys than the one it is named by: the newest statement it ever saw is the least.
import { keysFromSecret, worldNotary } from "@sojourn/passport";
import type { ListedKey } from "@sojourn/protocol";
import { memoryKeyValue } from "@sojourn/runtime";
import { ScriptedWorld } from "@sojourn/testkit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { enter } from "./enter.ts";
import { forgetWorld } from "./kept.ts";
import type { Visitor } from "./visitor.ts";

const URL_A = "http://a.test";
const identity = worldNotary(new Uint8Array(32).fill(1));
const [first, second] = [11, 12].map((n) => keysFromSecret(new Uint8Array(32).fill(n))) as [
  ReturnType<typeof keysFromSecret>,
  ReturnType<typeof keysFromSecret>,
];
const stating = (version: number, ...keys: readonly ListedKey[]): string =>
  identity.sign({ typ: "keys", iss: identity.world, iat: 1, version, keys });
const one = { signer: first, shown: { kid: first.id, keys: stating(1, { key: first.id }) } };
const two = { signer: second, shown: { kid: second.id, keys: stating(2, { key: first.id, revoked: true }, { key: second.id }) } };
const none = { signer: keysFromSecret(new Uint8Array(32).fill(1)), shown: {} };

let world: ScriptedWorld;
let storage: ReturnType<typeof memoryKeyValue>;
let visitor: Visitor | undefined;
beforeEach(async () => {
  world = await ScriptedWorld.open(URL_A, 1, "Field");
  storage = memoryKeyValue();
});
afterEach(() => visitor?.leave());

/** Visits while the world challenges like this; the visit's end, or that it is live. */
async function met({ signer, shown }: typeof one | typeof none): Promise<string> {
  world.answer = (message) => {
    if (message.t !== "hello") return false;
    world.challenge(message, signer, shown);
    return true;
  };
  const visiting = enter(URL_A, { name: "Ada", storage, connect: () => world.connect(), sources: () => [world.blocks] });
  visitor = visiting;
  let ended: string | undefined;
  void visiting.closed.then((fault) => {
    ended = fault?.code ?? "left";
  });
  await vi.waitFor(() => expect(visiting.state === "LIVE" || visiting.ghost !== undefined || ended !== undefined).toBe(true), {
    timeout: 3_000,
  });
  const how = ended ?? visiting.ghost?.reason.code ?? "live";
  await visiting.leave();
  return how;
}

test("[C1] goes in by a key that the world states, and keeps the statement beyond the program", async () => {
  expect(await met(none)).toBe("live");
  expect(await met(one)).toBe("live");
  expect(await met(two)).toBe("live");
  expect(await met(two)).toBe("live");
  const proofs = world.heard.filter(({ t }) => t === "prove").length;
  expect(await met(one)).toBe("bad-proof");
  expect(await met(none)).toBe("bad-proof");
  expect(world.heard.filter(({ t }) => t === "prove").length).toBe(proofs);
});

test("[C1] proves nothing to who signs with another key than is stated, or states it alone", async () => {
  expect(await met({ signer: second, shown: one.shown })).toBe("bad-proof");
  expect(await met({ signer: first, shown: two.shown })).toBe("bad-proof");
  const selfMade = worldNotary(new Uint8Array(32).fill(11)).sign({
    typ: "keys",
    iss: first.id,
    iat: 1,
    version: 9,
    keys: [{ key: first.id }],
  });
  expect(await met({ signer: first, shown: { kid: first.id, keys: selfMade } })).toBe("bad-proof");
  expect(world.heard.some(({ t }) => t === "prove")).toBe(false);
});

test("a person who forgets a world forgets its keys too", async () => {
  expect(await met(two)).toBe("live");
  expect(await met(one)).toBe("bad-proof");
  await forgetWorld(storage, URL_A);
  expect(await met(one)).toBe("live");
});
