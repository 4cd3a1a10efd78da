// A running world takes over the pins that its operator wrote, and never writes over one that came meanwhile.
import { nodeNotary } from "@sojourn/passport/node";
import { afterEach, beforeEach, expect, it } from "vitest";
import { pinPeer, readPeers } from "./authority/peers.ts";
import { TestWorlds } from "./fixtures/test-worlds.ts";

let worlds: TestWorlds;
beforeEach(() => {
  worlds = new TestWorlds();
});
afterEach(() => worlds.dispose());

it("leaves a second pin in the file that came while the first was taken over, and closes to those who are gone from it", async () => {
  const world = await worlds.open("a", {});
  const folder = worlds.dataFolder("a");
  const peer = (n: number): { world: string; name: string; url: string } => ({
    world: nodeNotary(new Uint8Array(32).fill(n)).world,
    name: `peer ${n}`,
    url: `http://127.0.0.1:${n}`,
  });
  await pinPeer(folder, peer(1));
  const read = await readPeers(folder);
  await pinPeer(folder, peer(2));
  await world.usePeers(read);
  expect(world.peers()).toEqual([peer(1)]);
  expect(await readPeers(folder)).toEqual([peer(1), peer(2)]);
  await world.usePeers(await readPeers(folder));
  expect(world.peers()).toEqual([peer(1), peer(2)]);
  await world.usePeers([peer(2)]);
  expect(world.peers()).toEqual([peer(2)]);
});
