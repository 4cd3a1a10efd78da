// The command as operators and authors meet it: in a process of its own, in folders outside of the repository.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { type Ready, type SojournOptions, sojourn as sojournIn, whileOpen as whileOpenIn } from "./fixtures/command.ts";
import { COMMAND } from "./fleet.ts";

const home = mkdtempSync(join(tmpdir(), "sojourn-command-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const GARDEN = fileURLToPath(new URL("../../../examples/my-world/garden.ts", import.meta.url));
const TAVERN_MAP = fileURLToPath(new URL("../../../worlds/tavern/tavern.tmj", import.meta.url));

const sojourn = (args: readonly string[], options: Partial<SojournOptions> = {}): ReturnType<typeof sojournIn> =>
  sojournIn(args, { cwd: home, ...options });
const whileOpen = <T>(args: readonly string[], look: (ready: Ready) => Promise<T>, onLog?: (line: string) => void): Promise<T> =>
  whileOpenIn(args, home, look, onLog);

describe("misuse", () => {
  it.each([
    [["pack", "--json"], /missing required argument 'file'/],
    [["pack", "x.tmx", "--jsn", "--json"], /unknown option '--jsn'/],
    [["serve", "tavern", "--port", "99999", "--json"], /whole number from 0 to 65535/],
    [["serve", "tavern", "--public-url", "javascript:alert(1)", "--json"], /https:\/\/world\.example/],
    [["serve", "tavern", "--name", "a".repeat(99), "--data", "named", "--port", "0", "--no-web", "--json"], /name: at most 48 bytes/],
    [["audit", "nowhere", "--json"], /there is no journal at nowhere/],
    [["inspect", "nowhere", "--json"], /there is no file or folder nowhere/],
    [["peer", "list", "--data", "nowhere", "--json"], /there is no data folder .*nowhere/],
    [["transfers", "--json"], /say which world: --data FOLDER/],
    [["transfers", "--data", "nowhere", "--json"], /there is no data folder .*nowhere/],
    [["transfers", "return", "1@x", "--data", "nowhere", "--json"], /there is no data folder .*nowhere/],
    [["key", "show", "--data", "nowhere", "--json"], /there is no data folder .*nowhere/],
    [["key", "rotate", "--data", home, "--json"], /no world has opened in/],
    [["key", "detach", "--data", home, "--json"], /required option '--to <file>'/],
    [["key", "rotate", "--data", home, "--after", "-1", "--json"], /whole number from 0/],
    [["ban", "add", "Ada", "--data", home, "--json"], /Ada is no id of a traveller or a world/],
    [["ban", "remove", "Ada", "--data", home, "--json"], /Ada is not banned/],
    [["bot", "http://127.0.0.1:7", "--script", "fly 3", "--json"], /"fly 3" is not understood/],
    [["bot", "http://localhost:1/", "--json"], /not reachable/],
  ])("%j is a fault with exit code 1", async (args, words) => {
    const { code, last, stderr } = await sojourn(args);
    expect([code, last.fault?.detail]).toEqual([1, expect.stringMatching(words)]);
    expect(stderr).not.toContain("    at ");
  });
});

describe("a world module", () => {
  const module = (name: string, source: string): string => {
    const folder = join(home, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "world.ts"), source);
    return join(name, "world.ts");
  };

  it("may lie anywhere: its imports are answered, its map is beside it", async () => {
    const folder = join(home, "far");
    mkdirSync(folder);
    writeFileSync(join(folder, "yard.tmx"), YARD);
    const file = module(
      "far",
      'import { defineWorld } from "@sojourn/world";\nexport default defineWorld({ name: "Far", map: "yard.tmx" });\n',
    );
    expect(await whileOpen([file, "--data", "far-data"], async ({ name }) => name)).toBe("Far");
  });

  it.each([
    ["no-world", "export default 3;", /exports no world/],
    ["syntax", "\nconst a = { b: ;", /SyntaxError.*world\.ts:2\)/],
    ["strip", "enum A { B }", /enum is not supported/],
    ["gone", 'import "./gone.ts";', /Cannot find module/],
    ["throws", "const a = 1;\nvoid a;\nnowhere.x();", /nowhere is not defined \(.*world\.ts:3/],
    ["wrong", 'import { defineWorld } from "@sojourn/world";\nexport default defineWorld({ name: "", map: "a" });', /needs a name \(.*:2/],
    ["no-room", 'import "@sojourn/nowhere";', /Cannot find package '@sojourn\/nowhere' imported from .*world\.ts/],
  ])("that is wrong (%s) is a fault that names the place", async (name, source, words) => {
    const { code, last, stderr } = await sojourn(["serve", module(name, source), "--json"]);
    expect([code, last.fault?.code, last.fault?.detail]).toEqual([1, "malformed", expect.stringMatching(words)]);
    expect(stderr).not.toContain("a bug");
  });
});

describe("the worlds that ship", () => {
  it.each(["tavern", "dungeon", GARDEN])("%s opens without a warning", async (name) => {
    const events: string[] = [];
    await whileOpen(
      [name, "--data", `${basename(name)}-data`],
      () => new Promise((done) => setTimeout(done, 500)),
      (line) => events.push((JSON.parse(line) as { event: string }).event),
    );
    expect(events.filter((event) => !event.startsWith("slow") && !event.startsWith("ticks"))).toEqual(["world open", "world closed"]);
  });
});

describe("the example of a world", () => {
  it("copied out of the repository is the same world, and guests sow what stays", { timeout: 60_000 }, async () => {
    const here = await whileOpen([GARDEN, "--data", "garden-here"], async ({ substrate }) => substrate);
    cpSync(dirname(GARDEN), join(home, "my garden"), { recursive: true });
    const there = ["my garden/garden.ts", "--data", "garden-there", "--heartbeat", "0"];
    const script = "walk east 1; place seed; wait 1";
    const sown = await whileOpen(there, async ({ url, substrate }) => {
      const { last } = await sojourn(["bot", url, "--seconds", "6", "--script", script, "--json"]);
      expect([substrate, last.faults, last.stranded]).toEqual([here, 0, 0]);
      const { last: counts } = await sojourn(["audit", "garden-there", "--json"]);
      return counts.items;
    });
    // Three seeds on the ground and one in the hand: the other one is a flower now.
    expect(sown).toBe(4);
  });
});

describe("an author's timers and promises", () => {
  it("are logged when they fail, and the world goes on", async () => {
    const folder = join(home, "stray");
    mkdirSync(folder);
    writeFileSync(join(folder, "yard.tmx"), YARD);
    writeFileSync(
      join(folder, "world.ts"),
      `import { defineWorld } from "@sojourn/world";
      export default defineWorld({ name: "Stray", map: "yard.tmx", onStart(ctx) {
        setTimeout(() => ctx.announce("too late"), 20);
        void Promise.reject(new Error("nobody waits"));
      } });`,
    );
    const heard: string[] = [];
    const name = await whileOpen(
      ["stray/world.ts", "--data", "stray-data"],
      async ({ url }) => {
        while (heard.length < 2) await new Promise((done) => setTimeout(done, 50));
        return ((await (await fetch(`${url}/healthz`)).json()) as { status: string }).status;
      },
      (line) => {
        const { event, error } = JSON.parse(line) as { event: string; error?: string };
        if (event.startsWith("author's")) heard.push(`${event}: ${error?.split("\n")[0]}`);
      },
    );
    expect(name).toBe("ok");
    expect(heard.sort()).toEqual([
      "author's promise rejected: Error: nobody waits",
      expect.stringMatching(/^author's timer failed: Error: .*has returned/),
    ]);
  });
});

describe("through npm", () => {
  it("a path is meant from where one stands, not from the repository", async () => {
    writeFileSync(join(home, "yard.tmx"), YARD);
    const env = { ...process.env, npm_lifecycle_event: "sojourn", INIT_CWD: home };
    const { code, last } = await sojourn(["pack", "yard.tmx", "--json"], { cwd: fileURLToPath(new URL("../../..", import.meta.url)), env });
    expect([code, last.name]).toEqual([0, "yard"]);
  });
});

describe("operators", () => {
  it("are told what keeps a world from opening, and whom they cannot pin", async () => {
    await whileOpen(["--map", TAVERN_MAP, "--data", "mine"], async ({ url, id }) => {
      const port = new URL(url).port;
      const twice = await sojourn(["serve", "tavern", "--data", "mine", "--port", "0", "--no-web", "--json"]);
      expect([twice.code, twice.last.fault]).toMatchObject([1, { code: "busy", detail: expect.stringContaining("running already") }]);
      const samePort = await sojourn(["demo", "--data", "demo", "--port", port, "--json"]);
      expect([samePort.code, samePort.last.fault]).toMatchObject([1, { code: "busy", detail: expect.stringContaining("--port") }]);
      const own = await sojourn(["peer", "add", url, "--data", "mine", "--json"]);
      expect([own.code, own.last.fault?.detail]).toEqual([1, expect.stringContaining("this very folder")]);
      mkdirSync(join(home, "other"));
      const other = await sojourn(["peer", "add", url, "--data", "other", "--as", "it", "--json"]);
      expect([other.code, other.last]).toEqual([0, { world: id, name: "it", url }]);
      const counts = await sojourn(["audit", "mine", "./mine/", "--json"]);
      expect([counts.code, counts.last.worlds]).toEqual([0, 1]);
    });
    const bot = await sojourn(["bot", "http://127.0.0.1:9999", "--json"]);
    expect([bot.code, bot.last.fault?.code]).toEqual([1, "destination-down"]);
  });
});

describe("a demo that is stopped", () => {
  const listed = (): string[] => readdirSync(home).filter((name) => name.startsWith("sojourn-demo-"));
  const waiting = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
  it.each([500, 1_500, 6_000])("after %i ms leaves no process and no folder behind", { timeout: 40_000 }, async (afterMs) => {
    // Its own temporary folder, so that what is left is seen.
    const env = { ...process.env, TMPDIR: home };
    const args = [COMMAND, "demo", "--headless", "--bots", "1", "--seconds", "60"];
    const child = spawn(process.execPath, args, { cwd: home, env, stdio: ["ignore", "pipe", "pipe"] });
    const closed = once(child, "close");
    await waiting(afterMs);
    child.kill("SIGTERM");
    // "close" comes when all who hold its output are gone, its worlds and bots too.
    const [code, signal] = (await closed) as [number | null, string | null];
    expect([130, "SIGTERM"]).toContain(code ?? signal);
    expect(listed()).toEqual([]);
  });
});

const YARD = `<?xml version="1.0"?>
<map version="1.10" orientation="orthogonal" width="8" height="8" tilewidth="16" tileheight="16">
 <objectgroup name="things"><object id="1" type="spawn" x="64" y="64"><point/></object></objectgroup>
</map>`;
