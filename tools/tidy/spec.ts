// The protocol's numbered rules and the tests that carry their numbers: one list, compared in both directions.
import { type AstNode, isNode, type Problem, type Repository, type Source, walk } from "./repository.ts";

const SPEC_PATH = "packages/protocol/SPEC.md";
const RULE_ID = /\[([A-Z]{1,2}[0-9]{1,3}[a-z]?)\]/g;
/** A rule is stated where its id opens a line, a list item or a table row; anywhere else the id only refers to it. */
const STATED = /^\s*(?:[-*>|]\s*|\d+\.\s*|#+\s*)?(?:\*\*|`)?\[([A-Z]{1,2}[0-9]{1,3}[a-z]?)\]/;

export function checkSpec(repository: Repository): Problem[] {
  const spec = repository.texts.get(SPEC_PATH);
  if (spec === undefined) return [];
  const problems: Problem[] = [];
  const add = (path: string, line: number, message: string): void => {
    problems.push({ path, line, rule: "spec", message });
  };
  const stated = new Map<string, number>();
  spec.split("\n").forEach((content, index) => {
    const id = STATED.exec(content)?.[1];
    if (id === undefined) return;
    if (stated.has(id)) add(SPEC_PATH, index + 1, `[${id}] is stated twice (also in line ${stated.get(id)})`);
    else stated.set(id, index + 1);
  });
  spec.split("\n").forEach((content, index) => {
    for (const [, id] of content.matchAll(RULE_ID)) if (!stated.has(id as string)) add(SPEC_PATH, index + 1, `[${id}] is not stated`);
  });
  const cited = repository.sources.flatMap(idsInTitles);
  for (const { id, path, line } of cited) if (!stated.has(id)) add(path, line, `a test carries [${id}], which SPEC.md does not state`);
  const tested = new Set(cited.map(({ id }) => id));
  for (const [id, line] of stated) if (!tested.has(id)) add(SPEC_PATH, line, `[${id}] has no test that carries its id`);
  return problems;
}

/** The rule ids in the titles of tests, wherever they are written: test files, and the contract suites of testkit. */
function idsInTitles(source: Source): { id: string; path: string; line: number }[] {
  if (!source.isTest && !source.path.startsWith("packages/testkit/")) return [];
  const found: { id: string; path: string; line: number }[] = [];
  walk(source.program, (node) => {
    if (node.type !== "CallExpression" || !isTestCall(node)) return;
    const title = (node.arguments as AstNode[])[0];
    if (!isNode(title) || (title.type !== "Literal" && title.type !== "TemplateLiteral")) return;
    const written = source.text.slice(title.start, title.end);
    for (const [, id] of written.matchAll(RULE_ID)) found.push({ id: id as string, path: source.path, line: source.lineAt(title.start) });
  });
  return found;
}

/** `test(…)`, `it.each(table)(…)`, `describe.skipIf(x)(…)`. */
function isTestCall(call: AstNode): boolean {
  let at = call.callee as AstNode;
  while (at.type === "MemberExpression" || at.type === "CallExpression" || at.type === "TaggedTemplateExpression") {
    at = (at.object ?? at.callee ?? at.tag) as AstNode;
  }
  return ["test", "it", "describe"].includes(String(at.name));
}
