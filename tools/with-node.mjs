// The first file of every command: `node tools/with-node.mjs SCRIPT.ts ...`. It is plain JavaScript because it must run
// on whatever Node is at hand. It installs the pinned dependencies if they are not there, then runs SCRIPT on Node 24 or newer.
// Law: nothing but SCRIPT writes to stdout, so that `--json` stays clean.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const NODE_MAJOR = 24;

/** Every dependency that a package.json of this repository pins and that is not in node_modules in that version. */
export function missingDependencies(root) {
  const folders = [root, join(root, "worlds"), ...roomsIn(join(root, "packages")), ...roomsIn(join(root, "apps"))];
  const missing = [];
  for (const folder of folders) {
    const own = readJson(join(folder, "package.json"));
    if (own === undefined) continue;
    for (const [name, version] of Object.entries({ ...own.dependencies, ...own.devDependencies })) {
      const found =
        readJson(join(folder, "node_modules", name, "package.json")) ?? readJson(join(root, "node_modules", name, "package.json"));
      if (found?.version !== version) missing.push(`${name}@${version}`);
    }
  }
  return missing;
}

/** The pinned Node that `npm install` brings, or undefined. */
export function pinnedNode(root) {
  const bin = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
  return existsSync(bin) ? bin : undefined;
}

function roomsIn(folder) {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

function isNewEnough() {
  return Number(process.versions.node.split(".")[0]) >= NODE_MAJOR;
}

function stop(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

function install() {
  process.stderr.write("The dependencies are not installed yet: running `npm install` (once).\n");
  const npm = process.env.npm_execpath;
  const [command, args] = npm?.endsWith(".js") ? [process.execPath, [npm, "install"]] : ["npm", ["install"]];
  const done = spawnSync(command, args, { cwd: ROOT, stdio: ["ignore", 2, 2], shell: process.platform === "win32" && command === "npm" });
  if (done.status !== 0) stop("`npm install` did not succeed (see above). Check the network and try again.");
}

function runOn(node, script, args) {
  const child = spawn(node, [script, ...args], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => stop(`Node ${NODE_MAJOR} could not be started (${error.message}). Run \`npm install\` and try again.`));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

async function main() {
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined) stop("Usage: node tools/with-node.mjs SCRIPT.ts [arguments]");
  const script = resolve(ROOT, name);
  if (missingDependencies(ROOT).length > 0) install();
  if (isNewEnough()) {
    process.argv = [process.argv[0], script, ...args];
    await import(pathToFileURL(script).href);
    return;
  }
  const node = pinnedNode(ROOT);
  if (node === undefined) {
    stop(
      `Sojourn runs on Node ${NODE_MAJOR}; this is ${process.version}, and the Node that \`npm install\` brings is not there. ` +
        `Run \`npm install\` again (its install script for the package "node" must be allowed), or use Node ${NODE_MAJOR}.`,
    );
  }
  runOn(node, script, args);
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
