// What must not be left lying about: tests switched off, promises of later work, paths of one person's machine, package registries.
import { type AstNode, type Problem, type Repository, type Source, walk } from "./repository.ts";

// These patterns must not find themselves, hence the odd spelling.
const PROMISES = new RegExp(`\\b(${["TO", "FIX", "X"].map((start, i) => start + ["DO", "ME", "XX"][i]).join("|")})\\b`);
const MACHINE_PATH = new RegExp(`(?<![\\w.\\-/~])/(${["work", "home", "root", "Users", "tmp/brief"].join("|")})(?=[/\\s"'\`)]|$)`);
const REGISTRY = new RegExp(
  `\\b(registry|npm|deb|security|snapshot|ftp|pypi|files)\\.(${["npmjs", "yarnpkg", "debian", "pypi", "pythonhosted"].join("|")})\\.(org|com)\\b`,
);
const RESOLVED_FROM = /"resolved": "https?:/;

export function checkLeftovers(repository: Repository): Problem[] {
  const problems: Problem[] = [];
  for (const [path, text] of repository.texts) {
    text.split("\n").forEach((content, index) => {
      const rule = leftoverIn(content);
      if (rule !== undefined) problems.push({ path, line: index + 1, rule: "leftover", message: rule });
    });
  }
  return [...problems, ...repository.sources.flatMap(switchedOffTests)];
}

function leftoverIn(line: string): string | undefined {
  if (PROMISES.test(line)) return "a promise of later work: do it, or file it as an issue";
  if (MACHINE_PATH.test(line)) return "a path of one machine";
  if (REGISTRY.test(line) || RESOLVED_FROM.test(line)) return "the address of a package registry";
  return undefined;
}

/** `test.only`, `describe.skip`, `it.todo`, `xit`: `skipIf` and `runIf` state their condition and may stay. */
function switchedOffTests(source: Source): Problem[] {
  const problems: Problem[] = [];
  const add = (node: AstNode, written: string): void => {
    problems.push({ path: source.path, line: source.lineAt(node.start), rule: "leftover", message: `${written} leaves tests out` });
  };
  walk(source.program, (node) => {
    if (node.type === "CallExpression" && ["xit", "xtest", "xdescribe", "fit", "fdescribe"].includes(nameOf(node.callee))) {
      add(node, nameOf(node.callee));
    }
    if (node.type !== "MemberExpression" || !["only", "skip", "todo"].includes(nameOf(node.property))) return;
    if (["test", "it", "describe", "suite", "bench"].includes(rootName(node))) add(node, `${rootName(node)}.${nameOf(node.property)}`);
  });
  return problems;
}

function nameOf(node: unknown): string {
  return String((node as AstNode | null)?.name ?? "");
}

/** The identifier that a chain of members and calls starts with: `test` in `test.concurrent.only`. */
function rootName(node: AstNode): string {
  let at = node;
  while (at.type === "MemberExpression" || at.type === "CallExpression") at = (at.object ?? at.callee) as AstNode;
  return nameOf(at);
}
