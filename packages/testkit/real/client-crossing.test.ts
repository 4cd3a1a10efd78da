// Crossing between real worlds: there and back, refused, left hanging, and with the traveller's program killed in the middle.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type EnterOptions, enter, type Visitor } from "@sojourn/client";
import { nodeTraveller } from "@sojourn/client/node";
import { connect } from "@sojourn/runtime";
import { type BlockStore, httpStore } from "@sojourn/substrate";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { startBoth, type WorldProcess } from "./two-worlds.ts";

let worlds: Awaited<ReturnType<typeof startBoth>>;
let near: WorldProcess;
let far: WorldProcess;
let folder: string;
let count = 0;
const visitors: Visitor[] = [];

beforeAll(async () => {
  worlds = await startBoth();
  near = worlds.near;
  far = worlds.far;
  folder = await mkdtemp(join(tmpdir(), "sojourn-crossing-"));
});
beforeEach(() => {
  count += 1;
});
afterEach(async () => {
  for (const visitor of visitors.splice(0)) await visitor.leave();
});
afterAll(async () => {
  await near?.kill();
  await far?.kill();
  await worlds?.end();
  await rm(folder, { recursive: true, force: true });
});

async function until(what: () => boolean, withinMs = 10_000): Promise<void> {
  await vi.waitFor(() => expect(what()).toBe(true), { timeout: withinMs, interval: 5 });
}

/** The same traveller whenever this test enters. */
const traveller = (): ReturnType<typeof nodeTraveller> => nodeTraveller(join(folder, `traveller-${count}`));

function begin(options: Partial<EnterOptions> = {}): Visitor {
  const visitor = enter(near.url, { name: "Ada", ...traveller(), ...options });
  visitors.push(visitor);
  return visitor;
}

/** Walks right through the field until the portal takes one. */
async function walkIn(visitor: Visitor): Promise<void> {
  let isAsked = false;
  visitor.on("crossing", ({ stage }) => {
    isAsked ||= stage === "asking";
  });
  await until(() => visitor.state === "LIVE" && visitor.me !== undefined);
  await until(() => {
    visitor.walk(1, Math.sign(6 - (visitor.me?.y ?? 6)) * 0.2);
    return isAsked;
  });
  visitor.walk(0, 0);
}

const kinds = (visitor: Visitor): string[] => visitor.items.map(({ kind }) => kind).sort();

describe("a crossing between real worlds", () => {
  test("examples/visit.ts goes there, and the next time it is run goes back", async () => {
    const example = fileURLToPath(new URL("../../../examples/visit.ts", import.meta.url));
    const run = async (): Promise<string> => {
      const child = spawn(process.execPath, [example, near.url, join(folder, "example")], { stdio: ["ignore", "pipe", "inherit"] });
      let text = "";
      child.stdout.on("data", (data: Buffer) => {
        text += data.toString();
      });
      expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(0);
      return text;
    };
    const there = await run();
    expect(there).toContain("In Near Field, with torch, ale, crate.");
    expect(there).toContain("Ada: Hello! Which way is out?");
    expect(there).toContain("In Far Field, with torch, crate.");
    expect(there).toContain("refuse ale:");
    const back = await run();
    expect(back).toContain("0 of them fetched");
    expect(back).toContain("In Near Field, with");
  });

  test("there with what is let in, customs' word on the rest, and back to what was kept", async () => {
    const ada = begin();
    const arrivals: string[] = [];
    const words: string[] = [];
    ada.on("arrived", ({ world, from }) => arrivals.push(from === undefined ? world : `${from} > ${world}`));
    ada.on("customs", ({ rulings }) => words.push(...rulings.map(({ kind, verdict }) => `${verdict} ${kind}`)));
    await walkIn(ada);
    await until(() => ada.state === "LIVE" && ada.worldUrl === far.url);
    expect(arrivals).toEqual(["Near Field", "near > Far Field"]);
    expect(kinds(ada)).toEqual(["crate", "torch"]);
    expect(words).toContain("refuse ale");
    expect(ada.manifest?.name).toBe("Far Field");
    expect(ada.substrate?.version.root).toBe(ada.manifest?.substrate);
    expect(ada.crossing?.stage).toBe("arrived");
    const far0 = ada.stats.largestCorrection;
    await new Promise((resolve) => setTimeout(resolve, 300));
    ada.walk(-1, 0);
    await new Promise((resolve) => setTimeout(resolve, 600));
    ada.walk(0, 0);
    expect(ada.stats.largestCorrection).toBe(far0);
    await walkIn(ada);
    await until(() => ada.state === "LIVE" && ada.worldUrl === near.url);
    // What was kept back waited here and is handed over again.
    expect(kinds(ada)).toEqual(["ale", "crate", "torch"]);
    expect(ada.locker).toEqual([]);
  });

  test("loads nothing: the far side was here before the portal took one", async () => {
    const asked: string[] = [];
    const sources = (gateways: readonly string[]): BlockStore[] =>
      gateways.map((gateway) => {
        const store = httpStore(gateway);
        const get: BlockStore["get"] = (cid, options) => {
          asked.push(cid);
          return store.get(cid, options);
        };
        return { ...store, get };
      });
    const ada = begin({ sources });
    const states: string[] = [];
    ada.on("prefetch", ({ state, blocks }) => states.push(`${state} ${blocks > 0}`));
    await until(() => ada.state === "LIVE" && ada.me !== undefined);
    await until(() => {
      ada.walk(1, 0);
      return (ada.me?.x ?? 0) > 7.5;
    });
    ada.walk(0, 0);
    await until(() => states.includes("done true"));
    asked.length = 0;
    await walkIn(ada);
    await until(() => ada.state === "LIVE" && ada.worldUrl === far.url);
    expect(asked).toEqual([]);
    expect(ada.progress).toMatchObject({ fetchedBlocks: 0, fetchedBytes: 0, isPlayable: true });
  });

  test("a destination that is down lets nobody leave: the reason comes in less than five seconds, with everything still there", async () => {
    await far.kill();
    const ada = begin();
    await walkIn(ada);
    const startedMs = performance.now();
    await until(() => ada.crossing?.stage === "refused", 5_000);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    expect(ada.crossing?.fault?.code).toBe("destination-down");
    expect(ada.state).toBe("LIVE");
    expect(kinds(ada)).toEqual(["ale", "crate", "torch"]);
    far = await far.restart();
  });

  test("a destination that dies when one has left is not waited for, and gives one back when it can say so", async () => {
    let isFirst = true;
    const ada = begin({
      connect: (url) => {
        if (url.includes(`:${far.port}/`) && isFirst) {
          isFirst = false;
          far.child.kill("SIGKILL");
        }
        return connect(url);
      },
    });
    await walkIn(ada);
    await until(() => ada.crossing?.stage === "in-transit", 5_000);
    await until(() => ada.worldUrl === near.url && !isFirst, 5_000);
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    far = await far.restart();
    await until(() => ada.state === "LIVE", 60_000);
    expect(["returned", "arrived"]).toContain(ada.crossing?.stage);
    expect(kinds(ada)).toEqual(ada.worldUrl === near.url ? ["ale", "crate", "torch"] : ["crate", "torch"]);
  });

  test("the program is killed with the passport in hand: the next one arrives with it", async () => {
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL("./holding-traveller.ts", import.meta.url)), near.url, far.url, join(folder, `traveller-${count}`)],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    await said(child, "holding");
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    const ada = begin();
    await until(() => ada.state === "LIVE");
    expect(ada.worldUrl).toBe(far.url);
    expect(kinds(ada)).toEqual(["crate", "torch"]);
    // Another visit, by the origin's address, finds the same traveller where they are.
    await ada.leave();
    const again = begin();
    await until(() => again.state === "LIVE");
    expect(again.worldUrl).toBe(far.url);
    expect(again.traveller).toBe(ada.traveller);
  });
});

function said(child: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.on("data", (data: Buffer) => {
      if (data.toString().includes(word)) resolve();
    });
    child.once("exit", (code) => reject(new Error(`the traveller ended with ${code} before it said ${word}`)));
  });
}
