// Everything a stranger may send to a real `sojourn serve`: each wrong thing ends in the fault by its name, the process is the same one
// afterwards, whoever behaves can enter and play, and nothing is lost.
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { encodeControl, encodeMove, LIMITS } from "@sojourn/protocol";
import { LINK_LIMITS, SERVER_LIMITS } from "@sojourn/runtime";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { OPCODE, RawSocket } from "./mission/raw-socket.ts";
import { newKeys, RawTraveller } from "./mission/raw-traveller.ts";
import { until } from "./mission/until.ts";
import { ALL_WELL, auditOf, Realm, type WorldProcess } from "./mission/world-process.ts";

/** What breaks WebSocket itself ends in its closing codes (RFC 6455 §7.4.1). */
const NOT_WEBSOCKET = "closed 1002";
const NOT_TEXT = "closed 1007";
const TOO_BIG = "closed 1009";
const TOO_MANY_PIECES = "closed 1008";
const ROOT = `bafyrei${"a".repeat(52)}`;

let realm: Realm;
let world: WorldProcess;
let pid = 0;

beforeAll(async () => {
  realm = await Realm.open();
  world = await realm.world("tavern", "tavern", "--no-web", "--heartbeat", "0");
  pid = world.pid;
});
afterEach(async () => {
  expect([world.isRunning, world.pid]).toEqual([true, pid]);
  const health = await (await fetch(`${world.url}/healthz`)).json();
  expect(health.status).toBe("ok");
  const visitor = await RawTraveller.enter(world.ready.play);
  const seq = visitor.intent({ kind: "use", item: visitor.last("welcome")?.items.find(({ kind }) => kind === "torch")?.id ?? "" });
  await until("an ordinary visitor plays", () => (visitor.own?.ackIntent ?? 0) >= seq);
  expect(visitor.refusals).toEqual([]);
  await visitor.leave();
});
afterAll(async () => {
  await realm?.end();
});

interface Vector {
  readonly name: string;
  readonly hex: string;
  readonly fault: string;
}

function vectors(file: string): Vector[] {
  const source: unknown = JSON.parse(readFileSync(fileURLToPath(new URL(`../../../vectors/protocol/${file}`, import.meta.url)), "utf8"));
  const { client, invalid } = source as { client?: { invalid: Vector[] }; invalid?: Vector[] };
  return client?.invalid ?? invalid ?? [];
}

/** Sends frames on a link of its own and gives the code of the fault that ended it. */
async function endOf(what: string, ...frames: readonly Uint8Array[]): Promise<string> {
  const link = await RawSocket.open(world.host);
  for (const frame of frames) link.send(frame);
  const code = await link.ended(what);
  link.socket.destroy();
  return code;
}

describe("frames that are none", () => {
  test.each([["control.json"], ["move.json"]])("every invalid frame of vectors/protocol/%s ends in its fault", async (file) => {
    const cases = vectors(file);
    expect(cases.length).toBeGreaterThan(3);
    const ends = await Promise.all(cases.map(({ name, hex }) => endOf(name, Buffer.from(hex, "hex"))));
    expect(cases.map(({ name }, i) => [name, ends[i]])).toEqual(cases.map(({ name, fault }) => [name, fault]));
  });

  test("the same ones from somebody live: the link ends, the traveller rests with everything", async () => {
    const keys = newKeys();
    const before = await RawTraveller.enter(world.ready.play, keys);
    const kit = before.kinds;
    await before.leave();
    for (const { name, hex, fault } of vectors("control.json").filter((_, i) => i % 12 === 1)) {
      const live = await RawTraveller.enter(world.ready.play, keys);
      live.link.send(Buffer.from(hex, "hex"));
      expect([name, await live.ended(name)]).toEqual([name, fault]);
    }
    const again = await RawTraveller.enter(world.ready.play, keys);
    expect(again.kinds).toEqual(kit);
    await again.leave();
  });

  test("frames longer than a limit, by one byte and by far", async () => {
    const frame = (length: number): Uint8Array => new Uint8Array(length).fill(1);
    expect(await endOf("one byte too long", frame(LIMITS.clientFrameBytes + 1))).toBe("oversized");
    // What is past every bound is not read to its end: the link itself says so, in WebSocket's own words.
    expect(await endOf("far too long", frame(LINK_LIMITS.inboundMessageBytes + 1))).toBe(TOO_BIG);
    const huge = await RawSocket.open(world.host);
    // A head that claims 2^52 bytes, and none of them.
    huge.socket.write(Buffer.from([0x82, 0xff, 0x00, 0x10, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]));
    expect(await huge.ended("a claim of 2^52 bytes")).toBe(TOO_BIG);
  });

  test("text, unmasked and unknown frames, a message in thousands of pieces", async () => {
    const cases: [string, (link: RawSocket) => void, string][] = [
      ["text", (link) => link.send('{"t":"hello"}', { opcode: OPCODE.text }), "malformed"],
      ["text that is no UTF-8", (link) => link.send(Uint8Array.of(0xff, 0xfe), { opcode: OPCODE.text }), NOT_TEXT],
      ["no mask", (link) => link.send(Uint8Array.of(1, 2), { isMasked: false }), NOT_WEBSOCKET],
      ["an opcode of the future", (link) => link.send(Uint8Array.of(1), { opcode: 11 }), NOT_WEBSOCKET],
      ["a piece of nothing", (link) => link.send(Uint8Array.of(1), { opcode: OPCODE.more }), NOT_WEBSOCKET],
      ["a long ping", (link) => link.send(new Uint8Array(126), { opcode: OPCODE.ping }), NOT_WEBSOCKET],
      [
        "five thousand pieces of one byte",
        (link) => {
          link.send(Uint8Array.of(1), { isLast: false });
          for (let i = 0; i < 5_000; i++) link.send(Uint8Array.of(1), { opcode: OPCODE.more, isLast: false });
        },
        TOO_MANY_PIECES,
      ],
    ];
    for (const [name, send, code] of cases) {
      const link = await RawSocket.open(world.host);
      send(link);
      expect([name, await link.ended(name)]).toEqual([name, code]);
      link.socket.destroy();
    }
  });
});

describe("messages out of their order", () => {
  const signature = new Uint8Array(64);

  test("before the handshake is done", async () => {
    const { traveller } = { traveller: newKeys().id };
    const hello = { t: "hello" as const, versions: [1], traveller, name: "x", nonce: new Uint8Array(32) };
    const intent = { t: "intent" as const, seq: 1, intent: { kind: "chat" as const, text: "hi" } };
    const cases: [string, Uint8Array[], string][] = [
      ["prove before hello", [encodeControl({ t: "prove", signature })], "out-of-order"],
      ["intent before hello", [encodeControl(intent)], "out-of-order"],
      ["a move before hello", [encodeMove({ t: "move", seq: 1, dx: 1, dy: 0 })], "out-of-order"],
      ["a relay before hello", [encodeControl({ t: "relay", message: "a.b.c" })], "out-of-order"],
      ["hello twice", [encodeControl(hello), encodeControl(hello)], "out-of-order"],
      ["ready before prove", [encodeControl(hello), encodeControl({ t: "ready", substrate: ROOT })], "out-of-order"],
      ["versions of the future", [encodeControl({ ...hello, versions: [2, 99] })], "unsupported-version"],
      ["no versions", [encodeControl({ ...hello, versions: [] })], "unsupported-version"],
      ["a proof by nobody", [encodeControl(hello), encodeControl({ t: "prove", signature })], "bad-proof"],
    ];
    for (const [name, frames, code] of cases) expect([name, await endOf(name, ...frames)]).toEqual([name, code]);
  });

  test("a proof made with another key, and one of another link", async () => {
    const thief = await RawTraveller.knock(world.ready.play);
    thief.send({ ...thief.hello(), traveller: newKeys().id } as Parameters<RawTraveller["send"]>[0]);
    thief.send(await thief.proof());
    expect(await thief.ended("another's key")).toBe("bad-proof");
    const keys = newKeys();
    const [one, two] = [await RawTraveller.knock(world.ready.play, keys), await RawTraveller.knock(world.ready.play, keys)];
    one.send(one.hello());
    two.send(two.hello());
    await until("two challenges", () => one.last("challenge") !== undefined && two.last("challenge") !== undefined);
    two.send(await one.proof());
    expect(await two.ended("a proof of another link")).toBe("bad-proof");
    one.link.close();
  });

  test("before and after ready", async () => {
    const keys = newKeys();
    const admitted = async (): Promise<RawTraveller> => {
      const traveller = await RawTraveller.knock(world.ready.play, keys);
      await traveller.greet();
      await until("a manifest", () => traveller.last("manifest"));
      return traveller;
    };
    const early = await admitted();
    early.intent({ kind: "chat", text: "too soon" });
    expect(await early.ended("an intent before ready")).toBe("out-of-order");
    const other = await admitted();
    other.send({ t: "ready", substrate: ROOT });
    expect(await other.ended("ready with another substrate")).toBe("out-of-order");
    const again = await admitted();
    again.send(again.hello());
    expect(await again.ended("hello after the manifest")).toBe("out-of-order");

    const live = await RawTraveller.enter(world.ready.play, keys);
    live.send({ t: "ready", substrate: live.last("manifest")?.substrate ?? "" });
    expect(await live.ended("ready twice")).toBe("out-of-order");
    const repeated = await RawTraveller.enter(world.ready.play, keys);
    for (let i = 0; i < 2; i++) repeated.send({ t: "intent", seq: 7, intent: { kind: "chat", text: "twice" } });
    expect(await repeated.ended("an intent's number again")).toBe("out-of-order");
    const backwards = await RawTraveller.enter(world.ready.play, keys);
    for (const seq of [9, 8]) backwards.link.send(encodeMove({ t: "move", seq, dx: 0, dy: 0 }));
    expect(await backwards.ended("a move's number going back")).toBe("out-of-order");
  });
});

describe("floods and standstills", () => {
  test("chat faster than its rate is refused, not heard, and the session goes on; a flood ends it", async () => {
    const keys = newKeys();
    const chatty = await RawTraveller.enter(world.ready.play, keys);
    const kit = chatty.kinds;
    for (let i = 0; i < 20; i++) chatty.intent({ kind: "chat", text: `${i}` });
    await until("too fast", () => chatty.refusals.includes("too-fast"));
    expect(chatty.rejection()).toBeUndefined();
    for (let i = 0; i < 5_000; i++) chatty.intent({ kind: "chat", text: "flood" });
    expect(await chatty.ended("a flood")).toBe("too-fast");
    const again = await RawTraveller.enter(world.ready.play, keys);
    expect(again.kinds).toEqual(kit);
    await again.leave();
  });

  test("what others' things and nobody's are asked for is refused by name, and the session goes on", async () => {
    const [ada, bob] = [await RawTraveller.enter(world.ready.play), await RawTraveller.enter(world.ready.play)];
    const torch = bob.last("welcome")?.items[0]?.id ?? "";
    const mine = ada.last("welcome")?.items.find(({ kind }) => kind === "crate")?.id ?? "";
    const refusals: [Parameters<RawTraveller["intent"]>[0], string][] = [
      [{ kind: "drop", item: torch }, "not-yours"],
      [{ kind: "use", item: `999999@${world.ready.id}` }, "not-yours"],
      [{ kind: "interact", target: 4_000_000 }, "no-such-target"],
      [{ kind: "place", item: mine, x: 1_000_000, y: -1_000_000 }, "out-of-reach"],
      [{ kind: "cross", portal: "nowhere" }, "no-such-portal"],
    ];
    for (const [intent, code] of refusals) {
      const before = ada.refusals.length;
      ada.intent(intent);
      await until(code, () => ada.refusals.length > before);
      expect([intent.kind, ada.refusals.at(-1)]).toEqual([intent.kind, code]);
    }
    await ada.leave();
    await bob.leave();
  });

  test("who says nothing, half a request, or is gone without a word is not waited for", async () => {
    const { hostname, port } = new URL(world.url);
    const dead: Promise<string>[] = [];
    const gone = (what: string, bytes: string | undefined): void => {
      const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
      socket.on("error", () => {});
      if (bytes !== undefined) socket.write(bytes);
      dead.push(
        until(
          `the end of ${what}`,
          () => {
            socket.resume();
            return (socket.destroyed || socket.readableEnded) && what;
          },
          2 * (SERVER_LIMITS.requestMs + SERVER_LIMITS.headersMs),
        ),
      );
    };
    gone("a header without an end", "GET / HTTP/1.1\r\nhost: x\r\nx-slow: ");
    gone("half a handshake", "GET /play HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\n");
    gone("a post that never comes", `POST /border HTTP/1.1\r\nhost: x\r\ncontent-length: ${LIMITS.tokenBytes}\r\n\r\nab`);
    for (let i = 0; i < 40; i++) gone(`drip ${i}`, "G");
    const silent = await RawSocket.open(world.host);
    // Gone in the middle of a frame, and one that only half closes.
    const torn = await RawSocket.open(world.host);
    torn.socket.write(Buffer.from([0x82, 0xfe, 0x40]), () => torn.socket.destroy());
    const half = await RawSocket.open(world.host);
    half.socket.end();
    expect(await silent.ended("a link that says nothing")).toBe("too-slow");
    await until("the half-closed one is gone", () => half.isGone);
    await Promise.all(dead);
  });
});

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly connection: string;
}

/** One HTTP request with a path and headers as they are, not as `fetch` would mend them. */
async function ask(method: string, path: string, body = "", headers: Record<string, string> = {}): Promise<Answer> {
  const { hostname, port } = new URL(world.url);
  return await new Promise((resolve, reject) => {
    const asked = request({ hostname, port, method, path, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => {
        text += piece;
      });
      const end = (): void => resolve({ status: response.statusCode ?? 0, text, connection: response.headers.connection ?? "" });
      response.on("end", end);
      response.on("error", end);
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

describe("HTTP", () => {
  test("the border takes signed messages alone", async () => {
    const code = async (body: string): Promise<[number, string]> => {
      const { status, text } = await ask("POST", "/border", body);
      return [status, (JSON.parse(text) as { code: string }).code];
    };
    expect(await code("")).toEqual([409, "malformed"]);
    expect(await code("not a token")).toEqual([409, "malformed"]);
    expect(await code("a.b.c")).toEqual([409, "malformed"]);
    expect(await code(`${"A".repeat(1_000)}.${"B".repeat(60_000)}.${"C".repeat(86)}`)).toEqual([409, "malformed"]);
    expect(await code("x".repeat(LIMITS.tokenBytes + 1))).toEqual([413, "oversized"]);
    const chunked = await ask("POST", "/border", "x".repeat(LIMITS.tokenBytes + 1), { "transfer-encoding": "chunked" });
    expect([chunked.status, JSON.parse(chunked.text).code]).toEqual([413, "oversized"]);
    expect(chunked.connection).toBe("close");
    expect((await ask("GET", "/border")).status).toBe(405);
    expect((await ask("DELETE", "/border")).status).toBe(405);
  });

  test("the gateway gives blocks by their right names alone", async () => {
    const root = world.ready.substrate;
    const raw = "?format=raw";
    expect((await ask("GET", `/ipfs/${root}${raw}`)).status).toBe(200);
    const bad = [
      "",
      "nonsense",
      "../world.key",
      "%2e%2e%2fworld.key",
      "..%2f..%2fworld.key",
      `${root}/../../world.key`,
      root.toUpperCase(),
      `${root.slice(0, -1)}=`,
      `Qm${"a".repeat(44)}`,
      "b".repeat(2_000),
      `${root}%00`,
    ];
    for (const name of bad) expect([name, (await ask("GET", `/ipfs/${name}${raw}`)).status]).toEqual([name, 400]);
    expect((await ask("GET", `/ipfs/${ROOT}${raw}`)).status).toBe(404);
    expect((await ask("GET", `/ipfs/${root}`)).status).toBe(400);
    expect((await ask("GET", `/ipfs/${root}?format=tar`)).status).toBe(406);
    expect((await ask("POST", `/ipfs/${root}${raw}`, "x")).status).toBe(405);
    for (const path of ["/world.key", "/journal/0000000001.epoch", "/peers.json", "//world.key", "/%2e%2e/world.key"]) {
      expect([path, (await ask("GET", path)).status]).toEqual([path, 404]);
    }
  });

  test("headers without measure and bytes that are no HTTP", async () => {
    const { status } = await ask("GET", "/", "", { "x-much": "y".repeat(SERVER_LIMITS.headerBytes * 2) }).catch(() => ({ status: 431 }));
    expect([400, 431]).toContain(status);
    const elsewhere = new RawSocket(world.host, "/elsewhere");
    await until("an answer", () => elsewhere.status !== "");
    expect(elsewhere.status).toContain("404");
    const { hostname, port } = new URL(world.url);
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {});
    let said = "";
    socket.on("data", (data: Buffer) => {
      said += data.toString("latin1");
    });
    socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]));
    await until("a refusal", () => said.includes("400") || socket.destroyed);
  });
});

test("and nothing was lost by any of it", async () => {
  expect(await auditOf(world)).toEqual(ALL_WELL);
});
