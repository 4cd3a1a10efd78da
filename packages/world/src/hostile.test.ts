import { connect as connectSocket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { encodeControl, encodePlain, LIMITS } from "@sojourn/protocol";
import { connect, jsonLog } from "@sojourn/runtime";
import { fileJournal, nodeDisk } from "@sojourn/runtime/node";
import { FaultyDisk } from "@sojourn/testkit";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { audit } from "./audit.ts";
import { Births } from "./authority/births.ts";
import { newKeys, RawVisitor, until } from "./fixtures/raw-visitor.ts";
import { TestWorlds } from "./fixtures/test-worlds.ts";
import { BIRTH_LIMITS, READER_LIMITS } from "./limits.ts";
import type { OpenOptions } from "./options.ts";

let worlds: TestWorlds;
beforeEach(() => {
  worlds = new TestWorlds();
});
afterEach(() => worlds.dispose());

const control = (value: unknown): Uint8Array => Uint8Array.of(1, ...encodePlain(value as never));
const hello = { t: "hello", versions: [1], traveller: newKeys().id, name: "x", nonce: new Uint8Array(32) } as const;

describe("frames that are wrong", () => {
  const cases: [string, () => Uint8Array[], string][] = [
    ["no message at all", () => [new Uint8Array(0)], "malformed"],
    ["a kind of frame that clients do not send", () => [Uint8Array.of(2, 0, 0)], "malformed"],
    ["broken CBOR", () => [Uint8Array.of(1, 0xff, 0xff)], "malformed"],
    ["an unknown message", () => [control({ t: "sudo" })], "malformed"],
    ["a hello without a key", () => [control({ t: "hello", versions: [1] })], "malformed"],
    ["an oversized frame", () => [new Uint8Array(LIMITS.clientFrameBytes + 1).fill(1)], "oversized"],
    ["an intent before anything", () => [control({ t: "intent", seq: 1, intent: { kind: "chat", text: "hi" } })], "out-of-order"],
    ["a ready before anything", () => [control({ t: "ready", substrate: `bafyrei${"a".repeat(52)}` })], "out-of-order"],
    ["hello twice", () => [encodeControl(hello), encodeControl(hello)], "out-of-order"],
    ["a version of the future", () => [encodeControl({ ...hello, versions: [99] })], "unsupported-version"],
    ["a signature that is none", () => [encodeControl(hello), encodeControl({ t: "prove", signature: new Uint8Array(64) })], "bad-proof"],
  ];

  it("end the link with the fault by its name, and the world goes on", async () => {
    const world = await worlds.open("a");
    for (const [name, frames, code] of cases) {
      const visitor = new RawVisitor(world.wsUrl);
      await visitor.until("the link", () => visitor.link.state === "open");
      for (const frame of frames()) {
        visitor.link.send(frame);
        await sleep(30);
      }
      const no = await visitor.until(name, () => visitor.rejected());
      expect([name, no.fault.code]).toEqual([name, code]);
      await visitor.until("the end", () => visitor.link.end);
      expect([name, visitor.link.end?.reason]).toEqual([name, code]);
    }
    const ada = await letIn(world.wsUrl, "Ada");
    expect(ada.own?.tick).toBeGreaterThan(0);
    expect(world.stats().links).toBe(1);
  });

  it("of any bytes whatever never hurt the process or anybody's things", async () => {
    const world = await worlds.open("a");
    const ada = await letIn(world.wsUrl, "Ada");
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 80 }), { minLength: 1, maxLength: 4 }), async (frames) => {
        const link = connect(world.wsUrl);
        await until("open", () => link.state === "open");
        for (const frame of frames) link.send(frame);
        await until("closed", () => link.state === "closed");
        link.close();
      }),
      { numRuns: 40 },
    );
    expect(await ada.doing({ kind: "chat", text: "still here" })).toBe("done");
    expect((await audit([worlds.dataFolder("a")])).wrong).toEqual([]);
  });

  it("sent while live are refused by name, and the traveller is put to rest with everything", async () => {
    const world = await worlds.open("a");
    const ada = await letIn(world.wsUrl, "Ada");
    ada.link.send(Uint8Array.of(1, 2, 3));
    expect((await ada.until("no", () => ada.rejected())).fault.code).toBe("malformed");
    await until("rest", () => world.stats().travellers === 0);
    const again = await letIn(world.wsUrl, "Ada", ada.keys);
    expect(again.items.length).toBe(4);
  });
});

describe("too much", () => {
  it("chat faster than its rate is refused, told once in a while, and the session goes on", async () => {
    const world = await worlds.open("a");
    const ada = await letIn(world.wsUrl, "Ada");
    for (let i = 0; i < 20; i++) ada.act({ kind: "chat", text: `${i}` });
    await ada.until("too fast", () => ada.all("reject").some((message) => message.fault.code === "too-fast"));
    await ada.until("some were heard", () => ada.events.filter((event) => event.kind === "say").length >= 5);
    expect(ada.events.filter((event) => event.kind === "say").length).toBeLessThanOrEqual(7);
    expect(ada.rejected()).toBeUndefined();
  });

  it("links that say nothing are closed after the hello's deadline", { timeout: 15_000 }, async () => {
    const world = await worlds.open("a");
    const silent = new RawVisitor(world.wsUrl);
    await silent.until("the link", () => silent.link.state === "open");
    expect((await silent.until("the end", () => silent.rejected(), 7_000)).fault.code).toBe("too-slow");
    await until("no link left", () => world.stats().links === 0);
  });

  it("nothing to read is not unread: who is shown nothing new for long is not cut off", { timeout: 30_000 }, async () => {
    const world = await worlds.open("a");
    const ada = await letIn(world.wsUrl, "Ada");
    expect(await ada.doing({ kind: "drop", item: ada.carried("torch") })).toBe("done");
    ada.send({ t: "ack", tick: ada.reader?.lastTick ?? 0 });
    const quietFrom = world.stats().tick;
    // Longer than a reader may be behind and then stand still.
    const quietTicks = ((READER_LIMITS.behindMs + READER_LIMITS.stalledMs + 1_000) * world.stats().tickHz) / 1_000;
    await until("a long quiet", () => world.stats().tick > quietFrom + quietTicks, 20_000);
    expect(ada.rejected()).toBeUndefined();
    expect(await ada.doing({ kind: "chat", text: "still here" })).toBe("done");
  });

  it("a reader that stops reading is skipped and then cut off; others do not notice", { timeout: 30_000 }, async () => {
    const chatter = {
      title: "Chatter",
      sprite: "",
      onTick: (ctx: { target: { name: string }; random(): number }) => {
        ctx.target.name = `${ctx.random()}`.slice(0, 40);
      },
    };
    const lines: string[] = [];
    const world = await worlds.open(
      "a",
      {
        things: { chatter },
        onStart: (ctx) => {
          for (let i = 0; i < 1_000; i++) ctx.spawn("chatter", { x: 14 + (i % 8), y: 4 + (i % 8) });
        },
      },
      { log: jsonLog((line) => lines.push(line)) },
    );
    const ada = await letIn(world.wsUrl, "Ada");
    const calmFrom = { tick: world.stats().tick, ms: performance.now() };
    await sleep(1_500);
    const ticksPerMs = (world.stats().tick - calmFrom.tick) / (performance.now() - calmFrom.ms);
    const stalled = await stalledReader(world.port, world.wsUrl);
    await until("two travellers", () => world.stats().travellers === 2);
    const ticksBefore = world.stats().tick;
    const started = performance.now();
    await until("the stalled one cut off", () => world.stats().links === 1, 15_000);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(world.stats().faults["too-slow"]).toBe(1);
    // The world kept the beat this machine can keep, and Ada her view.
    expect((world.stats().tick - ticksBefore) / (performance.now() - started)).toBeGreaterThan(ticksPerMs * 0.6);
    expect((ada.reader?.lastTick ?? 0) - ticksBefore).toBeGreaterThan((world.stats().tick - ticksBefore) * 0.7);
    expect(ada.problems).toEqual([]);
    stalled.destroy();
  });

  it("a reader who never said what they read holds no more than their budget, whatever the network takes, and is cut off", {
    timeout: 90_000,
  }, async () => {
    const crier = {
      title: "Crier",
      sprite: "",
      onTick: (ctx: { target: { name: string }; random(): number }) => {
        ctx.target.name = `${ctx.random()}${ctx.random()}`.slice(0, 40);
      },
    };
    const world = await worlds.open("a", {
      things: { crier },
      onStart: (ctx) => {
        for (let i = 0; i < 4_000; i++) ctx.spawn("crier", { x: 14 + (i % 8), y: 4 + (i % 8) });
      },
    });
    const stalled = await stalledReader(world.port, world.wsUrl, 0);
    await until("the stalled one cut off", () => world.stats().links === 0, 75_000);
    expect(world.stats().faults["too-slow"]).toBe(1);
    // What waited before it was skipped, and the one tick that went over.
    expect(world.stats().mostWaitingBytes).toBeGreaterThan(READER_LIMITS.snapshotBytes);
    expect(world.stats().mostWaitingBytes).toBeLessThan(READER_LIMITS.snapshotBytes + 300_000);
    stalled.destroy();
  });
});

/** Enters, and asks again while the world has too much to do, as it may on a machine with other work. */
async function letIn(...visit: Parameters<typeof RawVisitor.enter>): Promise<RawVisitor> {
  for (;;) {
    try {
      return await RawVisitor.enter(...visit);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith("busy")) throw error;
      await sleep(500);
    }
  }
}

/** Enters through a proxy of ours that stops passing anything on once the visitor is live. */
async function stalledReader(port: number, wsUrl: string, readsMs = 800): Promise<{ destroy(): void }> {
  const { createServer } = await import("node:net");
  let isStalled = false;
  const upstream = connectSocket(port, "127.0.0.1");
  const proxy = createServer((downstream) => {
    downstream.on("error", () => {});
    downstream.on("data", (data) => upstream.write(data));
    upstream.on("data", (data) => {
      if (isStalled) upstream.pause();
      else downstream.write(data);
    });
  });
  upstream.on("error", () => {});
  // Who has a body in the world is let in again however much it has to do.
  const known = await letIn(wsUrl, "Stone");
  known.link.close();
  await until("the first link's end", () => known.link.state === "closed");
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const proxyPort = (proxy.address() as { port: number }).port;
  await letIn(wsUrl.replace(`:${port}`, `:${proxyPort}`), "Stone", known.keys);
  // Long enough to have said once what they have read.
  await sleep(readsMs);
  isStalled = true;
  return {
    destroy() {
      upstream.destroy();
      proxy.close();
    },
  };
}

describe("a disk that fails", () => {
  it("ends the world before anybody hears of what was not kept", async () => {
    const fatal: Error[] = [];
    const disk = new FaultyDisk(nodeDisk);
    const openJournal: OpenOptions["openJournal"] = (folder, options) => fileJournal(folder, { ...options, disk });
    const world = await worlds.open("a", {}, { openJournal, onFatal: (error) => fatal.push(error) });
    const ada = await letIn(world.wsUrl, "Ada");
    const bob = await letIn(world.wsUrl, "Bob");
    const torch = ada.carried("torch");
    disk.judge = (call) => (call === "write" ? { code: "EIO" } : undefined);
    ada.act({ kind: "drop", item: torch });
    await until("the end", () => fatal[0]);
    expect(fatal[0]?.message).toContain("could not be written");
    await sleep(200);
    expect(ada.items.map((item) => item.id)).toContain(torch);
    expect(bob.ofKind("item.torch")).toEqual([]);
    const tick = world.stats().tick;
    await sleep(120);
    expect(world.stats().tick).toBe(tick);
    await worlds.close(world);
    const again = await worlds.open("a");
    const back = await letIn(again.wsUrl, "Ada", ada.keys);
    expect(back.items.map((item) => item.id)).toContain(torch);
  });
});

describe("births", () => {
  it("from one network address are bounded, and grow back with time", () => {
    const births = new Births();
    let born = 0;
    for (let i = 0; i < 100; i++) if (births.mayBear("192.0.2.7", 0)) born += 1;
    expect(born).toBe(BIRTH_LIMITS.burst);
    expect(births.mayBear("192.0.2.8", 0)).toBe(true);
    expect(births.mayBear("192.0.2.7", 10_000)).toBe(true);
    for (let i = 0; i < 100; i++) expect(births.mayBear("127.0.0.1", 0)).toBe(true);
  });
});
