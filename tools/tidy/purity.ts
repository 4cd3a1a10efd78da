// Sans-IO cores stay pure: no clock, chance, timer, network, console or promise. The protocol is a core as a whole; elsewhere
// a file becomes one by saying so: an opening comment with the sentence "Pure." (or "Pure: …") is held to it here.
import { openingComment } from "./opening.ts";
import { type AstNode, type Problem, type Repository, type Source, walk } from "./repository.ts";

const PURE_FOLDERS = ["packages/protocol/src/"];
const SAYS_PURE = /\bPure[.:]/;

const BANNED_NAMES = new Set([
  ...["Date", "performance", "setTimeout", "setInterval", "setImmediate", "queueMicrotask", "requestAnimationFrame"],
  ...["console", "process", "fetch", "crypto", "WebSocket", "XMLHttpRequest", "localStorage", "indexedDB", "Promise", "globalThis"],
]);

export function isPure(source: Source): boolean {
  if (source.isTest || source.path.endsWith(".d.ts")) return false;
  return PURE_FOLDERS.some((folder) => source.path.startsWith(folder)) || SAYS_PURE.test(openingComment(source.text));
}

export function checkPurity(repository: Repository): Problem[] {
  return repository.sources.filter(isPure).flatMap(purityProblems);
}

function purityProblems(source: Source): Problem[] {
  const problems: Problem[] = [];
  const own = declaredNames(source.program);
  const add = (node: AstNode, what: string): void => {
    problems.push({ path: source.path, line: source.lineAt(node.start), rule: "purity", message: `a pure core has no ${what}` });
  };
  for (const one of source.imports) {
    if (one.specifier.startsWith("node:"))
      problems.push({ path: source.path, line: one.line, rule: "purity", message: `a pure core has no ${one.specifier}` });
  }
  walk(source.program, (node, above) => {
    if (node.async === true) add(node, "async function");
    if (node.type === "AwaitExpression" || (node.type === "ForOfStatement" && node.await === true)) add(node, "await");
    if (isMathRandom(node)) add(node, "Math.random");
    if (node.type !== "Identifier" || isPropertyName(node, above.at(-1))) return;
    const name = String(node.name);
    if (BANNED_NAMES.has(name) && !own.has(name)) add(node, name);
  });
  return problems;
}

function isMathRandom(node: AstNode): boolean {
  if (node.type !== "MemberExpression") return false;
  return (node.object as AstNode).name === "Math" && (node.property as AstNode).name === "random";
}

/** `a.Date`, `{ Date: 1 }`, `interface A { Date: 1 }`: a name of something, not a use of the global. */
function isPropertyName(node: AstNode, parent: AstNode | undefined): boolean {
  if (parent === undefined || parent.computed === true) return false;
  if (parent.type === "MemberExpression") return parent.property === node;
  return parent.key === node && parent.value !== node && parent.shorthand !== true;
}

function declaredNames(program: AstNode): Set<string> {
  const names = new Set<string>();
  const add = (pattern: unknown): void => {
    const node = pattern as AstNode | null;
    if (node?.type === "Identifier") names.add(String(node.name));
  };
  walk(program, (node) => {
    if (node.type === "VariableDeclarator" || node.type === "FunctionDeclaration") add(node.id);
    if (node.type.startsWith("Import") && node.type.endsWith("Specifier")) add(node.local);
    if (Array.isArray(node.params)) node.params.forEach(add);
  });
  return names;
}
