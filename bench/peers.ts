// Peers are measured against, and nobody else needs them: they are installed into bench/node_modules when a benchmark first wants them.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const FOLDER = import.meta.dirname;

/** Installs what bench/package.json pins unless it is there in that version. Throws when it cannot be had. */
export function installPeers(): void {
  const wanted = (readJson("package.json") as { readonly devDependencies: { readonly [name: string]: string } }).devDependencies;
  const missing = Object.entries(wanted).filter(([name, version]) => {
    const found = readJson(join("node_modules", name, "package.json")) as { readonly version?: string } | undefined;
    return found?.version !== version;
  });
  if (missing.length === 0) return;
  process.stderr.write("The peers are not installed yet: running `npm install` in bench/ (once, about 30 MB).\n");
  const npm = process.env.npm_execpath;
  const [command, args] = npm?.endsWith(".js") ? [process.execPath, [npm]] : ["npm", []];
  const options = { cwd: FOLDER, stdio: ["ignore", 2, 2] as ["ignore", 2, 2] };
  const done = spawnSync(command as string, [...(args as string[]), "install", "--omit=optional", "--no-save"], options);
  if (done.status !== 0) {
    throw new Error("`npm install` in bench/ did not succeed (see above); without the peers run --targets sojourn,ws,net,exact");
  }
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(join(FOLDER, path), "utf8"));
  } catch {
    return undefined;
  }
}
