// Writes what is printed from the protocol's code into its documents: the tables of SPEC.md and the diagrams of both session machines.
// Run: node tools/protocol/docs.ts. A test runs the same functions and fails when a committed file is not what they would write.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { SESSION_TABLE, specTables, stateDiagram, VISIT_TABLE } from "@sojourn/protocol";

const ROOT = new URL("../../", import.meta.url);
const SPEC = "packages/protocol/SPEC.md";

/** Every generated document by its path, as it should be. */
export function documents(): ReadonlyMap<string, string> {
  return new Map([
    [SPEC, withTables(readFileSync(new URL(SPEC, ROOT), "utf8"))],
    ["docs/protocol/visit.md", visitPage()],
    ["docs/protocol/session.md", sessionPage()],
  ]);
}

export function read(path: string): string {
  return readFileSync(new URL(path, ROOT), "utf8");
}

/** Puts each table between `<!-- begin:name -->` and `<!-- end:name -->`. Throws when a table has no place or a place no table. */
function withTables(spec: string): string {
  const tables = specTables();
  const placed = new Set<string>();
  const filled = spec.replace(/<!-- begin:([a-z-]+) -->[\s\S]*?<!-- end:\1 -->/g, (_, name: string) => {
    const table = tables[name];
    if (table === undefined) throw new Error(`SPEC.md has a place for "${name}", which nothing prints`);
    placed.add(name);
    return `<!-- begin:${name} -->\n\n${table}\n\n<!-- end:${name} -->`;
  });
  for (const name of Object.keys(tables)) if (!placed.has(name)) throw new Error(`SPEC.md has no place for "${name}"`);
  return filled;
}

const PRINTED = "Printed from the machine's own table by `node tools/protocol/docs.ts`; do not edit.";

function visitPage(): string {
  return page("A visit: the client's side", "packages/protocol/src/session/visit.ts", stateDiagram(VISIT_TABLE, "opening", "closed"), [
    "What people are shown: `opening`, `greeting`, `signing`, `proving`, `holding`, `recalling`, `closing` and `waiting` are CONNECTING,",
    "`loading` is LOADING_SUBSTRATE, `syncing` is SYNCING, `live` is LIVE, `closed` is CLOSED. From the moment a substrate is known,",
    "any step without an authority is GHOST, and `hushed` always is.",
  ]);
}

function sessionPage(): string {
  return page(
    "A session: the world's side of a link",
    "packages/protocol/src/session/session.ts",
    stateDiagram(SESSION_TABLE, "AWAIT_HELLO", "CLOSED"),
    ["A message that has no arrow or row in a step ends the link with fault `out-of-order`."],
  );
}

function page(title: string, path: string, diagram: string, about: readonly string[]): string {
  return [`# ${title}`, "", PRINTED, `Source: [\`${path}\`](../../${path}).`, "", ...about, "", "```mermaid", diagram, "```", ""].join(
    "\n",
  );
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const [path, text] of documents()) writeFileSync(new URL(path, ROOT), text);
}
