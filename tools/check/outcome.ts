// What a step of the check came to, and the one closing line that sums all of them up.
// Law: only what was really executed is counted as passed.

export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** One line for a person: what was seen, or why something was not run. */
  readonly note: string;
  /** What a failed command printed. */
  readonly output: string;
}

export interface StepResult extends Outcome {
  readonly name: string;
  readonly seconds: number;
}

export function passed(note = ""): Outcome {
  return { passed: 1, failed: 0, skipped: 0, note, output: "" };
}

export function failed(note: string, output = ""): Outcome {
  return { passed: 0, failed: 1, skipped: 0, note, output };
}

export function skipped(note: string): Outcome {
  return { passed: 0, failed: 0, skipped: 1, note, output: "" };
}

export type State = "passed" | "failed" | "skipped";

export function stateOf(outcome: Outcome): State {
  if (outcome.failed > 0) return "failed";
  return outcome.passed > 0 ? "passed" : "skipped";
}

/** `12 passed, 0 failed`, with `, 3 skipped` when something was. Continuous integration reads this line. */
export function closingLine(results: readonly Outcome[]): string {
  const sum = (key: "passed" | "failed" | "skipped"): number => results.reduce((total, result) => total + result[key], 0);
  const tail = sum("skipped") > 0 ? `, ${sum("skipped")} skipped` : "";
  return `${sum("passed")} passed, ${sum("failed")} failed${tail}`;
}

/** One row a step, with aligned columns. */
export function table(results: readonly StepResult[]): string {
  const width = Math.max(...results.map((result) => result.name.length));
  return results.map((result) => row(result, width)).join("\n");
}

export function row(result: StepResult, width: number): string {
  const state = { passed: "ok    ", failed: "FAILED", skipped: "skipped" }[stateOf(result)].padEnd(7);
  const seconds = `${result.seconds.toFixed(1)} s`.padStart(8);
  return `${state} ${result.name.padEnd(width)} ${seconds}  ${result.note}`.trimEnd();
}
