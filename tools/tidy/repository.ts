// The files that tidy looks at, and what the parser says of them. Checks read this and nothing else, so a test can hand
// them a repository of three lines.
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "rolldown/utils";

const MAX_TEXT_BYTES = 2_000_000;
const TEXT_ENDINGS = /\.(ts|mjs|js|json|md|css|html|svg|yml|yaml|toml|txt|sh|tmx|tsx|tmj|tsj)$|(^|\/)(run|LICENSE|\.[a-z]+)$/;

/** A node of the syntax tree (ESTree with TypeScript): its kind, where it stands, and whatever else it has. */
export interface AstNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

export interface ImportOf {
  readonly specifier: string;
  readonly line: number;
}

/** One TypeScript or JavaScript source, parsed. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly isTest: boolean;
  readonly program: AstNode;
  /** Static imports, re-exports and dynamic imports, types included. */
  readonly imports: readonly ImportOf[];
  /** The names a file exports, each with its line. */
  readonly exportedNames: readonly { readonly name: string; readonly line: number }[];
  readonly lineAt: (offset: number) => number;
}

export interface Repository {
  /** Every tracked path, `/`-separated, relative to the root. */
  readonly paths: readonly string[];
  /** The text files among them. */
  readonly texts: ReadonlyMap<string, string>;
  readonly sources: readonly Source[];
  /** Sources the parser refused, with its words. */
  readonly unparsed: readonly { readonly path: string; readonly line: number; readonly message: string }[];
}

/** A law that was broken, and where. A warning is shown and does not fail. */
export interface Problem {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
  readonly isWarning?: boolean;
}

/** What git knows of or would add: a new file is held to the laws before it is committed. Undefined without git. */
export function readRepository(root: string): Repository | undefined {
  const git = spawnSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], { cwd: root, encoding: "utf8", maxBuffer: 64 << 20 });
  if (git.status !== 0) return undefined;
  const isFile = (path: string): boolean => path !== "" && statSync(join(root, path), { throwIfNoEntry: false })?.isFile() === true;
  const paths = [...new Set(git.stdout.split("\0"))].filter(isFile);
  const isText = (path: string): boolean => TEXT_ENDINGS.test(path) && statSync(join(root, path)).size <= MAX_TEXT_BYTES;
  return repositoryOf(
    paths,
    paths.filter(isText).map((path) => [path, readFileSync(join(root, path), "utf8")]),
  );
}

export function repositoryOf(paths: readonly string[], texts: readonly (readonly [string, string])[]): Repository {
  const sources: Source[] = [];
  const unparsed: Repository["unparsed"][number][] = [];
  for (const [path, text] of texts) {
    if (!/\.(ts|mjs|js)$/.test(path)) continue;
    const parsed = parseSource(path, text);
    if ("message" in parsed) unparsed.push(parsed);
    else sources.push(parsed);
  }
  return { paths: [...paths].sort(), texts: new Map(texts), sources, unparsed };
}

function parseSource(path: string, text: string): Source | Repository["unparsed"][number] {
  const result = parseSync(path, text, { lang: path.endsWith(".d.ts") ? "dts" : path.endsWith(".ts") ? "ts" : "js", sourceType: "module" });
  const lineAt = lineCounter(text);
  const error = result.errors[0];
  if (error !== undefined) return { path, line: lineAt(error.labels?.[0]?.start ?? 0), message: error.message };
  const { staticImports, staticExports, dynamicImports } = result.module;
  const imports: ImportOf[] = staticImports.map((one) => ({ specifier: one.moduleRequest.value, line: lineAt(one.start) }));
  for (const one of staticExports) {
    const request = one.entries.find((entry) => entry.moduleRequest !== null)?.moduleRequest;
    if (request) imports.push({ specifier: request.value, line: lineAt(one.start) });
  }
  for (const one of dynamicImports) {
    const written = text.slice(one.moduleRequest.start, one.moduleRequest.end);
    imports.push({ specifier: written.replace(/^["'`]|["'`]$/g, ""), line: lineAt(one.start) });
  }
  const exportedNames = staticExports
    .flatMap((one) => one.entries)
    .flatMap((entry) => (entry.exportName.name === null ? [] : [{ name: entry.exportName.name, line: lineAt(entry.start) }]));
  const program = result.program as unknown as AstNode;
  return { path, text, isTest: /\.test\.ts$/.test(path), program, imports, exportedNames, lineAt };
}

function lineCounter(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}

/** Visits every node, parents first. `visit` gets the nodes above it, the nearest last. */
export function walk(root: AstNode, visit: (node: AstNode, above: readonly AstNode[]) => void): void {
  const above: AstNode[] = [];
  const enter = (node: AstNode): void => {
    visit(node, above);
    above.push(node);
    for (const value of Object.values(node)) {
      if (Array.isArray(value)) for (const item of value) if (isNode(item)) enter(item);
      if (isNode(value)) enter(value);
    }
    above.pop();
  };
  enter(root);
}

export function isNode(value: unknown): value is AstNode {
  return typeof value === "object" && value !== null && typeof (value as AstNode).type === "string" && "start" in value;
}
