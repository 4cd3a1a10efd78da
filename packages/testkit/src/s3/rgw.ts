// Ceph's S3 gateway as a process of its own, where this machine has it and a script to start it: the same tests, against code that is
// nobody's here. Everything it starts is ended by its pid.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Rgw {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  close(): Promise<void>;
}

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const PLACES = [process.env.RGW_UP ?? "", join(ROOT, "../shared/tools/rgw-up.sh"), join(ROOT, "../../shared/tools/rgw-up.sh")];
const START_MS = 90_000;
/** It leaves the script before it listens. */
const ANSWER_MS = 30_000;

/** The script that starts one, or why there is none here. */
export function findRgw(): { readonly script: string } | { readonly missing: string } {
  const script = PLACES.find((path) => path !== "" && existsSync(path));
  if (script === undefined) return { missing: "no ../shared/tools/rgw-up.sh here (RGW_UP can name another)" };
  const isThere = ["radosgw", "ceph-mon", "ceph-osd"].every((name) => spawnSync("which", [name]).status === 0);
  return isThere ? { script } : { missing: "Ceph is not installed (apt-get install radosgw ceph-mon ceph-osd ceph-common)" };
}

/** Its parts now and then do not find each other at first; it is begun once more then, elsewhere. */
export async function startRgw(script: string): Promise<Rgw> {
  return await startOnce(script).catch(() => startOnce(script));
}

async function startOnce(script: string): Promise<Rgw> {
  const folder = await mkdtemp(join(tmpdir(), "sojourn-rgw-"));
  const run = join(folder, "ceph");
  const [port, monitor] = [await freePort(), await freePort()];
  const close = async (): Promise<void> => {
    const names = await readdir(run).catch(() => []);
    for (const name of names.filter((one) => one.endsWith(".pid"))) await end(Number(await readFile(join(run, name), "utf8")));
    await rm(folder, { recursive: true, force: true });
  };
  const started = spawnSync("bash", [script, run, String(port), String(monitor)], {
    timeout: START_MS,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (started.status !== 0) {
    await close();
    throw new Error(`Ceph's gateway did not start: ${started.stderr || started.stdout}`);
  }
  const endpoint = `http://127.0.0.1:${port}`;
  if (await answers(endpoint)) return { endpoint, accessKeyId: "AK", secretAccessKey: "SK", close };
  await close();
  throw new Error(`Ceph's gateway did not answer at ${endpoint} within ${ANSWER_MS} ms`);
}

async function answers(endpoint: string): Promise<boolean> {
  for (const startMs = performance.now(); performance.now() - startMs < ANSWER_MS; ) {
    const answer = await fetch(endpoint).catch(() => undefined);
    if (answer !== undefined) return true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return false;
}

async function end(pid: number): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    for (let tries = 0; tries < 50; tries++) {
      try {
        process.kill(pid, tries === 0 ? signal : 0);
      } catch {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
