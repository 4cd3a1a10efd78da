import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { readCard } from "@sojourn/passport";
import { httpStore, openVersion } from "@sojourn/substrate";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { audit } from "./audit.ts";
import { RawVisitor } from "./fixtures/raw-visitor.ts";
import { TestWorlds } from "./fixtures/test-worlds.ts";

let worlds: TestWorlds;
beforeEach(() => {
  worlds = new TestWorlds();
});
afterEach(() => worlds.dispose());

describe("the seed's sequence", () => {
  it("connect, manifest, snapshot, intent, snapshot", async () => {
    const world = await worlds.open("a");
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    expect(ada.manifest?.world).toBe(world.id);
    expect(ada.manifest?.substrate).toBe(world.substrate);
    expect(ada.manifest?.assets.length).toBeGreaterThan(0);
    expect(ada.field("name")).toBe("Ada");
    const before = ada.own?.x ?? 0;
    await ada.walkTo(18, 9);
    expect((ada.own?.x ?? 0) - before).toBeGreaterThan(1);
    await ada.until("snapshot of where one stands", () => ada.field("x") === ada.own?.x);
    expect(ada.items.map((item) => item.kind)).toEqual(["torch", "crate", "sign", "ale"]);
    expect(ada.problems).toEqual([]);
    await ada.leave();
  });

  it("shows travellers to each other, and lets words be heard within their range and no further", async () => {
    const world = await worlds.open("a", { physics: { speed: 20, chatRange: 5 } });
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    const bob = await RawVisitor.enter(world.wsUrl, "Bob");
    const far = await RawVisitor.enter(world.wsUrl, "Far");
    await far.walkTo(36, 25);
    await ada.until("Bob in Ada's sight", () => ada.ofKind("traveller").some((id) => ada.field("name", id) === "Bob"));
    expect(await ada.doing({ kind: "chat", text: "  Hello \u202Eyou\u0007 there  " })).toBe("done");
    const heard = await bob.until("the words", () => bob.events.find((event) => event.kind === "say"));
    expect(heard).toEqual({ kind: "say", entity: ada.me, text: "Hello you there" });
    await sleep(150);
    expect(far.events.filter((event) => event.kind === "say")).toEqual([]);
    expect(await ada.doing({ kind: "chat", text: "\u200B\u202E \u0000" })).toBe("not-allowed");
    await bob.leave();
    await ada.until("Bob gone", () => ada.events.find((event) => event.kind === "leave"));
  });

  it("lets nobody be faster than time, however many moves they send", async () => {
    const world = await worlds.open("a", { physics: { speed: 5 } });
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    const from = ada.own?.y ?? 0;
    const started = performance.now();
    for (let i = 0; i < 60; i++) ada.move(0, 127);
    await sleep(1_000);
    const seconds = (performance.now() - started) / 1_000;
    const walked = (ada.own?.y ?? 0) - from;
    expect(walked).toBeGreaterThan(1);
    // The saved-up moves are worth 8/20 s at most.
    expect(walked).toBeLessThanOrEqual(5 * (seconds + 0.5));
    await ada.leave();
  });
});

describe("belongings", () => {
  it("are dropped, seen, picked up by another, and are always in one place", async () => {
    const world = await worlds.open("a");
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    const bob = await RawVisitor.enter(world.wsUrl, "Bob");
    const torch = ada.carried("torch");
    expect(await bob.doing({ kind: "drop", item: torch })).toBe("not-yours");
    expect(await ada.doing({ kind: "drop", item: torch })).toBe("done");
    const lying = await bob.until("the torch on the ground", () => bob.ofKind("item.torch")[0]);
    expect(ada.items.some((item) => item.id === torch)).toBe(false);
    expect(await bob.doing({ kind: "pick-up", target: lying })).toBe("done");
    expect(await ada.doing({ kind: "pick-up", target: lying })).toBe("no-such-target");
    await bob.until("two torches", () => bob.items.filter((item) => item.kind === "torch").length === 2);
    await ada.walkTo(30, 25);
    expect(await ada.doing({ kind: "interact", target: bob.me as number })).toBe("out-of-reach");
    expect(await ada.doing({ kind: "cross", portal: "nowhere" })).toBe("no-such-portal");
    const counts = await audit([worlds.dataFolder("a")]);
    expect([counts.items, counts.itemsLost, counts.itemsDuplicated]).toEqual([8, 0, 0]);
  });

  it("placed become static objects of the next version, are announced, and stop movement all along", async () => {
    const world = await worlds.open("a");
    const before = world.substrate;
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    await ada.walkTo(12, 10, 0.2);
    const at = { x: 13.5, y: 10 };
    expect(await ada.doing({ kind: "place", item: ada.carried("crate"), x: 18, y: 10 })).toBe("out-of-reach");
    expect(await ada.doing({ kind: "place", item: ada.carried("torch"), ...at })).toBe("not-usable");
    expect(await ada.doing({ kind: "place", item: ada.carried("crate"), ...at })).toBe("done");
    const entity = await ada.until("the crate", () => ada.ofKind("build.crate")[0]);
    expect([ada.field("x", entity), ada.field("y", entity)]).toEqual([at.x, at.y]);
    expect(await ada.doing({ kind: "place", item: ada.carried("sign"), ...at, text: "on top" })).toBe("no-room");
    const report = await world.heartbeat();
    expect(report.builds).toBe(1);
    expect(world.substrate).not.toBe(before);
    expect((await ada.until("the announcement", () => ada.last("substrate"))).root).toBe(world.substrate);
    const view = await openVersion(world.substrate, httpStore(world.url));
    if (!view.ok) throw new Error(view.fault.detail);
    await view.value.loadAll();
    const placed = [...view.value.loadedChunks()].flatMap((chunk) => chunk.objects).find((object) => object.kind === "crate");
    expect(placed).toMatchObject({ ...at, solid: true, by: ada.keys.id, gid: 1 });
    expect(view.value.version.parent).toBe(before);
    for (let i = 0; i < 10; i++) {
      ada.move(127, 0);
      await sleep(50);
    }
    expect(ada.own?.x ?? 99).toBeLessThan(13.5 - 0.7);
    expect((await world.heartbeat()).builds).toBe(0);
  });
});

describe("coming back", () => {
  it("lingers for a lost link, and the same key is the same body", async () => {
    const world = await worlds.open("a");
    const bob = await RawVisitor.enter(world.wsUrl, "Bob");
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    await ada.walkTo(10, 9);
    const entity = ada.last("welcome")?.entity as number;
    ada.drop();
    await bob.until("Ada lingering", () => (Number(bob.field("flags", entity)) & 2) !== 0);
    const again = await RawVisitor.enter(world.wsUrl, "Ada", ada.keys);
    expect(again.last("welcome")).toMatchObject({ entity, resumed: true });
    expect(again.own?.x).toBe(ada.own?.x);
    const third = await RawVisitor.enter(world.wsUrl, "Ada", ada.keys);
    expect((await again.until("replaced", () => again.rejected())).fault.code).toBe("replaced");
    expect(third.last("welcome")?.entity).toBe(entity);
    expect(world.stats().travellers).toBe(2);
  });

  it("a restart brings everybody and everything back, and changes no root by itself", async () => {
    const first = await worlds.open("a");
    const ada = await RawVisitor.enter(first.wsUrl, "Ada");
    await ada.walkTo(12, 12);
    await ada.doing({ kind: "drop", item: ada.carried("torch") });
    await ada.doing({ kind: "place", item: ada.carried("crate"), x: (ada.own?.x ?? 0) + 1.5, y: ada.own?.y ?? 0 });
    const root = first.substrate;
    await worlds.close(first);
    expect((await ada.until("the goodbye", () => ada.rejected())).fault.code).toBe("shutting-down");
    const second = await worlds.open("a");
    expect([second.id, second.substrate]).toEqual([first.id, root]);
    const back = await RawVisitor.enter(second.wsUrl, "Ada", ada.keys);
    expect([back.own?.x, back.own?.y]).toEqual([ada.own?.x, ada.own?.y]);
    expect(back.items.map((item) => item.kind)).toEqual(["sign", "ale"]);
    await back.until("what lies and stands there", () => back.ofKind("item.torch").length === 1 && back.ofKind("build.crate").length === 1);
    await second.heartbeat();
    const exported = second.substrate;
    await worlds.close(second);
    const third = await worlds.open("a");
    expect(third.substrate).toBe(exported);
    const once = await RawVisitor.enter(third.wsUrl, "Ada", ada.keys);
    expect(once.ofKind("build.crate")).toEqual([]);
    // A second opening of the same folder is refused while it runs.
    await expect(worlds.open("a")).rejects.toThrow(/running already/);
  });

  it("killed without a word, a world loses nothing that was told", async () => {
    const world = await worlds.open("a");
    await worlds.close(world);
    const child = spawn(process.execPath, [fileURLToPath(new URL("./fixtures/serve-test-world.ts", import.meta.url)), worlds.folder, "a"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const line = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once("line", resolve));
    const ada = await RawVisitor.enter(line, "Ada");
    await ada.walkTo(12, 12);
    expect(await ada.doing({ kind: "place", item: ada.carried("crate"), x: (ada.own?.x ?? 0) + 1.5, y: ada.own?.y ?? 0 })).toBe("done");
    expect(await ada.doing({ kind: "drop", item: ada.carried("ale") })).toBe("done");
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
    const again = await worlds.open("a");
    const back = await RawVisitor.enter(again.wsUrl, "Ada", ada.keys);
    expect(back.items.map((item) => item.kind)).toEqual(["torch", "sign"]);
    await back.until("the crate and the ale", () => back.ofKind("build.crate").length === 1 && back.ofKind("item.ale").length === 1);
    expect((await audit([worlds.dataFolder("a")])).wrong).toEqual([]);
  });
});

describe("over HTTP", () => {
  it("says who it is, signed, and gives blocks like any trustless gateway", async () => {
    const world = await worlds.open("a");
    const text = await (await fetch(`${world.url}/.well-known/sojourn`)).text();
    const card = readCard(text);
    expect(card.ok && card.value).toMatchObject({ world: world.id, name: "a", substrate: world.substrate, play: "/play" });
    const forged = readCard(text.replace('"name":"a"', '"name":"b"'));
    expect(forged.ok ? "ok" : forged.fault.code).toBe("forged");
    const block = await fetch(`${world.url}/ipfs/${world.substrate}?format=raw`);
    expect(block.status).toBe(200);
    expect(block.headers.get("cache-control")).toContain("immutable");
    expect(block.headers.get("access-control-allow-origin")).toBe("*");
    expect(block.headers.get("x-content-type-options")).toBe("nosniff");
    expect(block.headers.get("content-security-policy")).toContain("sandbox");
    const head = await fetch(`${world.url}/ipfs/${world.substrate}?format=raw`, { method: "HEAD" });
    expect(Number(head.headers.get("content-length"))).toBe((await block.arrayBuffer()).byteLength);
    const missing = `${world.substrate.slice(0, -8)}aaaaaaaa`;
    const statuses = await Promise.all(
      [
        `/ipfs/${missing}?format=raw`,
        "/ipfs/nonsense?format=raw",
        "/ipfs/../../world.key?format=raw",
        `/ipfs/${world.substrate}`,
        "/nothing",
        "/border",
      ].map(async (path) => (await fetch(world.url + path)).status),
    );
    expect(statuses).toEqual([404, 400, 404, 406, 404, 405]);
    expect(await (await fetch(`${world.url}/healthz`)).json()).toMatchObject({ status: "ok" });
    const posted = await fetch(`${world.url}/border`, { method: "POST", body: "no token" });
    expect([posted.status, ((await posted.json()) as { code: string }).code]).toEqual([409, "malformed"]);
    expect((await fetch(`${world.url}/border`, { method: "POST", body: "x".repeat(70_000) })).status).toBe(413);
  });
});

describe("the operator's pins", () => {
  it("are all kept when several are made at once", async () => {
    const others = await Promise.all(["b", "c", "d"].map((name) => worlds.open(name)));
    const world = await worlds.open("a");
    await Promise.all(others.map(({ id, url }, index) => world.addPeer({ world: id, name: `peer-${index}`, url })));
    await Promise.all([
      world.removePeer((others[0] as (typeof others)[0]).id),
      world.addPeer({ world: world.id, name: "me", url: world.url }),
    ]);
    const kept = ["me", "peer-1", "peer-2"];
    expect(
      world
        .peers()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(kept);
    await worlds.close(world);
    expect(
      (await worlds.open("a"))
        .peers()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(kept);
  });
});
