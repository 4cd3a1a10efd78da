import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { audit } from "./audit.ts";
import { RawVisitor, type Said } from "./fixtures/raw-visitor.ts";
import { TestWorlds } from "./fixtures/test-worlds.ts";

let worlds: TestWorlds;
beforeEach(() => {
  worlds = new TestWorlds();
});
afterEach(() => worlds.dispose());

const tokenOf = (transfer: Said<"transfer">): string => `${transfer.passport}.${Buffer.from(transfer.signature).toString("base64url")}`;

/** Walks into the gate and waits for the passport. */
async function intoTheGate(visitor: RawVisitor): Promise<Said<"transfer">> {
  await visitor.walkTo(21, 5.5);
  return visitor.until("the passport", () => visitor.last("transfer"));
}

async function counted(...names: string[]): Promise<void> {
  const counts = await audit(names.map((name) => worlds.dataFolder(name)));
  expect({ ...counts, travellers: 0, items: 0, worlds: 0, crossings: 0, returned: 0 }).toEqual({
    worlds: 0,
    travellers: 0,
    items: 0,
    crossings: 0,
    returned: 0,
    unresolved: 0,
    travellersLost: 0,
    travellersDuplicated: 0,
    itemsLost: 0,
    itemsDuplicated: 0,
    travellersOverridden: 0,
    itemsOverridden: 0,
    wrong: [],
  });
}

describe("crossing", () => {
  it("plays the seed's diagram to its end: out of one world, into the other, with everything", async () => {
    const { a, b } = await worlds.pair();
    const ada = await RawVisitor.enter(a.wsUrl, "Ada");
    const transfer = await intoTheGate(ada);
    expect(transfer.destination).toEqual({ world: b.id, name: "b", url: b.url });
    expect(ada.all("crossing").map((message) => message.stage)).toEqual(["asking", "in-transit"]);
    ada.send({ t: "held", transfer: transfer.id });
    expect(a.stats().travellers).toBe(0);

    const there = await RawVisitor.enter(b.wsUrl, "Ada", ada.keys, tokenOf(transfer));
    const welcome = there.last("welcome");
    expect(welcome?.from).toBe("a");
    expect(welcome?.items.map((item) => item.kind).sort()).toEqual(["ale", "crate", "sign", "torch"]);
    expect(welcome?.rulings.every((ruling) => ruling.verdict === "admit")).toBe(true);
    expect(there.field("name")).toBe("Ada");
    // Stepped out beside the gate that leads back, and not straight through it.
    expect(Math.hypot((there.own?.x ?? 0) - 21, (there.own?.y ?? 0) - 5.5)).toBeLessThan(3);
    const gone = await ada.until("the end at a", () => ada.rejected());
    expect(gone.fault.code).toBe("away");
    expect(gone.destination?.url).toBe(b.url);
    expect(there.problems).toEqual([]);
    await counted("a", "b");

    // And back again.
    await there.walkTo(17, 9);
    const back = await intoTheGate(there);
    const home = await RawVisitor.enter(a.wsUrl, "Ada", ada.keys, tokenOf(back));
    expect(home.items.length).toBe(4);
    await counted("a", "b");
  });

  it("tells who is elsewhere where they are, and lets nobody be in two worlds", async () => {
    const { a, b } = await worlds.pair();
    const ada = await RawVisitor.enter(a.wsUrl, "Ada");
    const transfer = await intoTheGate(ada);
    // Between the worlds: the same key at the origin gets the same passport, byte for byte.
    const again = new RawVisitor(a.wsUrl, ada.keys);
    await again.knock("Ada");
    const same = await again.until("the same passport", () => again.last("transfer"));
    expect(tokenOf(same)).toBe(tokenOf(transfer));
    const there = await RawVisitor.enter(b.wsUrl, "Ada", ada.keys, tokenOf(transfer));
    await again.until("gone", () => again.rejected());
    const late = new RawVisitor(a.wsUrl, ada.keys);
    await late.knock("Ada");
    const no = await late.until("away", () => late.rejected());
    expect(no.fault.code).toBe("away");
    expect(no.destination?.world).toBe(b.id);
    await there.leave();
    await counted("a", "b");
  });

  it("lets customs refuse and clamp: rulings are told, what is refused stays in the locker at home", async () => {
    const { a, b } = await worlds.pair({
      customs: { a: { allow: ["*"], deny: ["ale"], clamp: [{ kind: "torch", prop: "damage", max: 5 }] } },
    });
    const ada = await RawVisitor.enter(a.wsUrl, "Ada");
    const transfer = await intoTheGate(ada);
    const told = ada.all("crossing").find((message) => message.stage === "in-transit");
    expect(told?.rulings.filter((ruling) => ruling.verdict === "refuse").map((ruling) => ruling.kind)).toEqual(["ale"]);
    const there = await RawVisitor.enter(b.wsUrl, "Ada", ada.keys, tokenOf(transfer));
    expect(there.items.map((item) => item.kind).sort()).toEqual(["crate", "sign", "torch"]);
    expect(there.items.find((item) => item.kind === "torch")?.props.damage).toBe(5);
    expect(there.last("welcome")?.rulings.find((ruling) => ruling.kind === "torch")?.verdict).toBe("clamp");
    await there.walkTo(17, 9);
    const home = await RawVisitor.enter(a.wsUrl, "Ada", ada.keys, tokenOf(await intoTheGate(there)));
    // The torch's own facts were never touched, and the ale waited.
    expect(home.items.find((item) => item.kind === "torch")?.props.damage).toBe(20);
    expect(home.items.map((item) => item.kind)).toContain("ale");
    await counted("a", "b");
  });
});

describe("a crossing that does not happen", () => {
  it("destination down: nothing leaves, within 5 s, and one plays on", async () => {
    const { a, b } = await worlds.pair();
    await worlds.close(b);
    const ada = await RawVisitor.enter(a.wsUrl, "Ada");
    await ada.walkTo(21, 5.5);
    const started = performance.now();
    const no = await ada.until("the answer", () => ada.all("crossing").find((message) => message.stage === "refused"));
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(no.fault?.code).toBe("destination-down");
    await ada.walkTo(17, 5.5);
    expect(ada.items.length).toBe(4);
    await counted("a", "b");
  });

  it("destination full: it says so before anything leaves", async () => {
    const { a, b } = await worlds.pair({ capacity: 1, entry: "open" });
    const other = await RawVisitor.enter(b.wsUrl, "Bea");
    const ada = await RawVisitor.enter(a.wsUrl, "Ada");
    await ada.walkTo(21, 5.5);
    const no = await ada.until("the answer", () => ada.all("crossing").find((message) => message.stage === "refused"));
    expect(no.fault?.code).toBe("busy");
    await other.leave();
    await counted("a", "b");
  });

  it("a passport is for its holder, for one world, and for one use", async () => {
    const { a, b } = await worlds.pair();
    const ada = await RawVisitor.enter(a.wsUrl, "Ada");
    const token = tokenOf(await intoTheGate(ada));
    const knock = async (url: string, passport: string, keys = ada.keys): Promise<string> => {
      const visitor = new RawVisitor(url, keys);
      await visitor.knock("Ada", passport);
      const no = await visitor.until("the rejection", () => visitor.rejected());
      return no.fault.code;
    };
    expect(await knock(b.wsUrl, token, new RawVisitor(b.wsUrl).keys)).toBe("not-holder");
    expect(await knock(a.wsUrl, token)).toBe("foreign");
    const at = token.length - 20;
    expect(await knock(b.wsUrl, `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`)).toBe("forged");
    const there = await RawVisitor.enter(b.wsUrl, "Ada", ada.keys, token);
    // Shown again by its holder while they are there: the same traveller by another link, no second body.
    const again = await RawVisitor.enter(b.wsUrl, "Ada", ada.keys, token);
    expect(again.last("welcome")?.resumed).toBe(true);
    expect((await there.until("replaced", () => there.rejected())).fault.code).toBe("replaced");
    expect(b.stats().travellers).toBe(1);
    await counted("a", "b");
  });

  it("an origin that is not pinned is unknown", async () => {
    const a = await worlds.open("a", { to: "b", customs: { "*": { allow: ["*"] } } });
    const b = await worlds.open("b", { entry: "portal-only", customs: { "*": { allow: ["*"] } } });
    await a.addPeer({ world: b.id, name: "b", url: b.url });
    const ada = await RawVisitor.enter(a.wsUrl, "Ada");
    await ada.walkTo(21, 5.5);
    const no = await ada.until("the answer", () => ada.all("crossing").find((message) => message.stage === "refused"));
    expect(no.fault?.code).toBe("unknown-origin");
    await counted("a", "b");
  });

  it("a name that the operator gives to another world leads there from then on", async () => {
    const { a, b } = await worlds.pair();
    const c = await worlds.open("c", { to: "a", customs: { "*": { allow: ["*"] } } });
    await a.removePeer(b.id);
    await a.addPeer({ world: c.id, name: "b", url: c.url });
    await c.addPeer({ world: a.id, name: "a", url: a.url });
    const ada = await RawVisitor.enter(a.wsUrl, "Ada");
    expect(ada.manifest?.portals.map((portal) => portal.world)).toEqual([c.id]);
    const transfer = await intoTheGate(ada);
    expect(transfer.destination.world).toBe(c.id);
    await RawVisitor.enter(c.wsUrl, "Ada", ada.keys, tokenOf(transfer));
    await ada.until("the end at a", () => ada.rejected());
    await counted("a", "b", "c");
  });

  it("stay: the destination decides against it, and the traveller is back with everything", async () => {
    const { a, b } = await worlds.pair();
    const ada = await RawVisitor.enter(a.wsUrl, "Ada");
    const transfer = await intoTheGate(ada);
    ada.send({ t: "stay", transfer: transfer.id });
    await ada.until("the second welcome", () => ada.all("welcome").length === 2);
    expect(ada.items.length).toBe(4);
    expect(a.stats().travellers).toBe(1);
    const visitor = new RawVisitor(b.wsUrl, ada.keys);
    await visitor.knock("Ada", tokenOf(transfer));
    expect((await visitor.until("no", () => visitor.rejected())).fault.code).toBe("cancelled");
    await counted("a", "b");
  });
});
