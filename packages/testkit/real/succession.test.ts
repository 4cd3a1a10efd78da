// A world dies with its machine, and somebody it named goes on with it: real processes, a folder behind a plain file server, and a traveller who
// was there when it died and never reloads anything.
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";
import { enter, type ResumedBy, type Visitor } from "@sojourn/client";
import { generateKeys, headJudge, keysFromSecret } from "@sojourn/passport";
import { valueOf } from "@sojourn/protocol";
import { epochOf, firstSequence, heartbeatBlock, heirEpoch, openHead, readHeartbeat, readSuccession, writeHead } from "@sojourn/substrate";
import { folderReplica } from "@sojourn/substrate/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Served, serve, sojourn } from "../src/drill/command.ts";

const SILENCE_MS = 2_000;
let folder: string;
let files: Server;
let address: string;
const served: Served[] = [];
const visitors: Visitor[] = [];

/** A plain file server over the replica's folder: it knows nothing of worlds. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sojourn-succession-"));
  files = createServer((request, response) => {
    readFile(join(folder, "site", normalize(new URL(request.url ?? "/", "http://x").pathname))).then(
      (bytes) => response.writeHead(200, { "access-control-allow-origin": "*" }).end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => files.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await Promise.all(visitors.map((visitor) => visitor.leave()));
  await Promise.all(served.map((one) => one.kill()));
  files.closeAllConnections();
  files.close();
  await rm(folder, { recursive: true, force: true });
});

const at = (name: string): string => join(folder, name);
const replica = (): string => `folder:${at("site")}`;

async function open(args: readonly string[]): Promise<Served> {
  const world = await serve([...args, "--port", "0", "--heartbeat", "0", "--ship", "0.5"], {});
  served.push(world);
  return world;
}

/** What a command that must not succeed says. */
async function refusal(args: readonly string[]): Promise<string> {
  return await sojourn(args, {}).then(
    (done) => `it was done: ${JSON.stringify(done)}`,
    (error: Error) => error.message,
  );
}

/** Until the newest head of the world in the folder carries this statement. */
async function stated(world: string, version: number): Promise<void> {
  const place = folderReplica(at("site"));
  const look = async (): Promise<number> => {
    const bytes = await place.heads.read(world);
    const genuine = bytes.ok && bytes.value !== undefined ? openHead(world, bytes.value, headJudge()) : undefined;
    const statement = genuine?.ok === true ? genuine.value.head.succession : undefined;
    const read = statement === undefined ? undefined : readSuccession(statement);
    return read?.ok === true ? read.value.succession.version : 0;
  };
  await expect.poll(look, { timeout: 30_000, interval: 100 }).toBe(version);
}

test("[N8] [N20] a world's heir goes on after the silence, and who held its ghost follows and walks there; a stranger's copy is shown as one", async () => {
  const world = await open(["tavern", "--data", at("first"), "--replica", replica()]);
  const { id: heir } = await sojourn(["heirs", "key", "--to", at("heir.key")], {});
  const stranger = await generateKeys();
  await writeFile(at("stranger.key"), `${Buffer.from(stranger.secret).toString("hex")}\n`);
  const resume = (key: string, data: string): string[] => ["resume", world.id, "--from", replica(), "--key", at(key), "--data", at(data)];

  await sojourn(["heirs", "name", String(heir), "--after", "1h", "--data", at("first")], {});
  await stated(world.id, 1);
  expect(await refusal(resume("heir.key", "second"))).toMatch(/too-fast.*too early/);
  expect(await refusal(resume("stranger.key", "second"))).toMatch(/not-allowed/);
  await sojourn(["heirs", "name", String(heir), "--after", `${SILENCE_MS / 1_000}s`, "--data", at("first")], {});
  await stated(world.id, 2);

  const ada = enter(world.url, { name: "Ada", swarm: { friends: [address] } });
  visitors.push(ada);
  const told: ResumedBy[] = [];
  ada.on("resumed", (by) => told.push(by));
  await expect.poll(() => ada.state, { timeout: 30_000 }).toBe("LIVE");
  expect(ada.resumed).toBeUndefined();
  const carried = ada.items.length;
  expect(carried).toBeGreaterThan(0);
  await world.kill();
  await expect.poll(() => ada.state, { timeout: 30_000 }).toBe("GHOST");

  let resumed: Record<string, unknown> | undefined;
  while (resumed === undefined) {
    resumed = await sojourn(resume("heir.key", "second"), {}).catch((error: Error) => {
      expect(error.message).toMatch(/too-fast/);
      return undefined;
    });
  }
  expect(resumed).toMatchObject({ world: world.id, heir, statementVersion: 2, rank: 0 });
  const second = await open(["tavern", "--data", at("second"), "--replica", replica()]);
  expect(second.id).toBe(heir);
  await expect.poll(() => ada.state === "LIVE" && ada.manifest?.world === heir, { timeout: 60_000 }).toBe(true);
  expect(ada.resumed).toMatchObject({ world: world.id, heir, at: second.url, statement: 2 });
  expect(told.at(-1)).toMatchObject({ heir });
  expect(ada.manifest?.resumes).toBe(world.id);
  const from = ada.me?.x ?? 0;
  ada.walk(1, 0);
  await expect.poll(() => Math.abs((ada.me?.x ?? from) - from), { timeout: 10_000 }).toBeGreaterThan(0.3);
  ada.walk(0, 0);
  expect(await sojourn(["visit", world.id, "--from", address], {})).toMatchObject({
    fork: null,
    resumed: { by: heir, statement: 2, at: second.url },
  });

  await strangers(world.id, stranger);

  // The world itself comes back, is told, and takes itself back; nobody is there twice.
  const again = ["serve", "tavern", "--data", at("first"), "--port", "0", "--no-web", "--replica", replica()];
  expect(await refusal(again)).toMatch(/superseded.*take-back/);
  await open(["tavern", "--data", at("first"), "--replica", replica(), "--take-back"]);
  await expect.poll(async () => (await sojourn(["visit", world.id, "--from", address], {})).resumed, { timeout: 30_000 }).toBeNull();
  await Promise.all(served.map((one) => one.kill()));
  const audit = await sojourn(["audit", at("first"), at("second")], {});
  expect(audit).toMatchObject({ itemsDuplicated: 0, itemsLost: 0, wrong: [] });
}, 180_000);

/** A copy by nobody's leave is forged; one by the heir itself under other numbers is a copy, with the reason. */
async function strangers(world: string, stranger: Awaited<ReturnType<typeof generateKeys>>): Promise<void> {
  await cp(at("site"), at("copy"), { recursive: true });
  const copy = folderReplica(at("copy"));
  const { head } = valueOf(openHead(world, valueOf(await copy.heads.read(world)) as Uint8Array, headJudge()));
  const heartbeat = valueOf(await readHeartbeat(head.heartbeat, copy.blocks));
  const heir = keysFromSecret(new Uint8Array(Buffer.from((await readFile(at("heir.key"), "utf8")).trim(), "hex")));
  const visit = ["visit", world, "--from", `folder:${at("copy")}`];
  const put = async (bytes: Uint8Array): Promise<void> => {
    valueOf(await copy.heads.swap(world, bytes, valueOf(await copy.heads.read(world))));
  };
  await put(await writeHead({ ...head, kid: stranger.id, heir: stranger.id, sequence: head.sequence + 9 }, stranger.sign));
  expect(await refusal(visit)).toMatch(/forged/);
  const epoch = heirEpoch(epochOf(head), 3);
  const block = await heartbeatBlock({ ...heartbeat, epoch });
  valueOf(await copy.blocks.put(block));
  await put(await writeHead({ ...head, heartbeat: block.cid, sequence: firstSequence(epoch) }, heir.sign));
  expect(await sojourn(visit, {})).toMatchObject({ fork: expect.stringMatching(/numbers/), resumed: null });
}
