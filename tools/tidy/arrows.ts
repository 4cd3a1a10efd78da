// The arrows between rooms: who may import whom. This table is the plan of the house in executable form;
// changing it is a change of the plan and wants an ADR (docs/adr/0001).
import type { ImportOf, Problem, Repository, Source } from "./repository.ts";

const BELOW_WORLD_AND_CLIENT = ["protocol", "passport", "substrate", "runtime"];

/** Room → the rooms it may import. */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  "packages/protocol": [],
  "packages/passport": ["protocol"],
  "packages/substrate": ["protocol"],
  "packages/runtime": ["protocol"],
  "packages/world": BELOW_WORLD_AND_CLIENT,
  "packages/client": BELOW_WORLD_AND_CLIENT,
  "packages/testkit": [...BELOW_WORLD_AND_CLIENT, "world", "client", "worlds", "cli", "web"],
  "apps/cli": [...BELOW_WORLD_AND_CLIENT, "world", "client", "worlds", "web"],
  "apps/web": ["client", "protocol", "passport", "substrate"],
  worlds: ["world"],
};

/** Everything from outside the house that the protocol may import, tests aside. */
const PROTOCOL_MAY_IMPORT = ["@atcute/cbor"];

/** `packages/world/src/tick.ts` → `packages/world`; undefined outside the rooms. */
export function roomOf(path: string): string | undefined {
  const [first, second] = path.split("/");
  if (first === "worlds") return "worlds";
  return first === "packages" || first === "apps" ? `${first}/${second}` : undefined;
}

export function checkArrows(repository: Repository): Problem[] {
  const problems: Problem[] = [];
  for (const source of repository.sources) {
    const room = roomOf(source.path);
    if (room !== undefined && ARROWS[room] === undefined) {
      problems.push({ path: source.path, line: 1, rule: "arrows", message: `${room} is not in the plan of rooms (tools/tidy/arrows.ts)` });
      continue;
    }
    for (const one of source.imports) {
      const message = arrowProblem(repository, source, one);
      if (message !== undefined) problems.push({ path: source.path, line: one.line, rule: "arrows", message });
    }
  }
  return problems;
}

function arrowProblem(repository: Repository, source: Source, { specifier }: ImportOf): string | undefined {
  const room = roomOf(source.path);
  if (specifier.startsWith(".")) return relativeProblem(source.path, room, specifier);
  const name = /^@sojourn\/([a-z-]+)(\/.*)?$/.exec(specifier);
  if (name === null) return outsideProblem(source, room, specifier);
  const target = name[1] as string;
  if (!isDoor(repository, target, `.${name[2] ?? ""}`)) return `${specifier} is no door: the exports of ${target} do not name it`;
  if (target === "testkit") return mayUseTestkit(source, room) ? undefined : "only tests, examples and bench import testkit";
  if (room === undefined || room.split("/").at(-1) === target) return undefined;
  return ARROWS[room]?.includes(target) ? undefined : `${room} may not import ${target} (it may: ${ARROWS[room]?.join(", ") || "no room"})`;
}

/** A room's doors are the `exports` of its package.json. A room that is not there is for the type checker to say. */
function isDoor(repository: Repository, target: string, door: string): boolean {
  const own = ["packages/", "apps/", ""].map((folder) => repository.texts.get(`${folder}${target}/package.json`)).find((text) => text);
  if (own === undefined) return true;
  return Object.hasOwn((JSON.parse(own) as { exports?: object }).exports ?? {}, door);
}

function mayUseTestkit(source: Source, room: string | undefined): boolean {
  return source.isTest || room === "packages/testkit" || /^(examples|bench)\//.test(source.path);
}

function relativeProblem(path: string, room: string | undefined, specifier: string): string | undefined {
  const target = new URL(specifier, `file:///${path}`).pathname.slice(1);
  if (roomOf(target) === room) return undefined;
  return room === undefined && roomOf(target) === undefined
    ? undefined
    : `${specifier} leaves ${room ?? "its folder"} by a side door: import by name`;
}

function outsideProblem(source: Source, room: string | undefined, specifier: string): string | undefined {
  if (room !== "packages/protocol" || source.isTest || PROTOCOL_MAY_IMPORT.includes(specifier)) return undefined;
  return `the protocol imports nothing but ${PROTOCOL_MAY_IMPORT.join(", ")}: not ${specifier}`;
}
