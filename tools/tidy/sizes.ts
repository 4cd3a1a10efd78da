// The sizes a reader can hold. Fails: a file over 500 lines; a function with over 70 lines of its own.
// A function's own lines leave out the functions inside it, so a factory or a `describe` is not counted for what its parts do;
// a function that spans over 70 lines all in all, or a file of over 300, is a warning: look whether it wants to be two.
import { type AstNode, type Problem, type Repository, type Source, walk } from "./repository.ts";

const FILE_LINES_FAIL = 500;
const FILE_LINES_WARN = 300;
const FUNCTION_LINES = 70;
const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

export function checkSizes(repository: Repository): Problem[] {
  const problems: Problem[] = [];
  for (const source of repository.sources) {
    const lines = source.text.trimEnd().split("\n").length;
    if (lines > FILE_LINES_WARN) {
      const message = `${lines} lines (${FILE_LINES_FAIL} at most, 50 to 200 is good)`;
      problems.push({ path: source.path, line: 1, rule: "file-size", message, isWarning: lines <= FILE_LINES_FAIL });
    }
    problems.push(...functionProblems(source));
  }
  return problems;
}

function functionProblems(source: Source): Problem[] {
  const spans = new Map<AstNode, number>();
  const inside = new Map<AstNode, number>();
  walk(source.program, (node, above) => {
    if (!FUNCTIONS.has(node.type)) return;
    const span = source.lineAt(node.end) - source.lineAt(node.start) + 1;
    spans.set(node, span);
    const outer = above.findLast((one) => FUNCTIONS.has(one.type));
    // A function inside shares its first and last line with the code around it.
    if (outer !== undefined) inside.set(outer, (inside.get(outer) ?? 0) + Math.max(0, span - 1));
  });
  const holdsTests = source.isTest || source.imports.some((one) => one.specifier === "vitest");
  const problems: Problem[] = [];
  for (const [node, span] of spans) {
    const own = span - (inside.get(node) ?? 0);
    if (span <= FUNCTION_LINES || (own <= FUNCTION_LINES && holdsTests)) continue;
    const message = `a function of ${span} lines, ${own} of them its own (${FUNCTION_LINES} at most)`;
    problems.push({ path: source.path, line: source.lineAt(node.start), rule: "function-size", message, isWarning: own <= FUNCTION_LINES });
  }
  return problems;
}
