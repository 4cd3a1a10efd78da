// Reads what Vitest's JSON reporter wrote and counts the tests that really ran.
import { readFileSync } from "node:fs";
import { failed, type Outcome } from "./outcome.ts";

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly success: boolean;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

/** `exitCode` and `output` are those of the Vitest process that wrote the report at `path`. */
export function readVitestReport(path: string, exitCode: number, output: string): Outcome {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(path, "utf8")) as Report;
  } catch {
    return failed("Vitest ended without a report", output);
  }
  return outcomeOf(report, exitCode, output);
}

export function outcomeOf(report: Report, exitCode: number, output: string): Outcome {
  const files = report.testResults.length;
  // A file that does not load has no tests to fail; it is a failure all the same, and so is an error outside any test.
  const brokenFiles = report.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
  const counted = report.numFailedTests + brokenFiles;
  const isUnexplained = counted === 0 && (exitCode !== 0 || !report.success);
  const isEmpty = report.numPassedTests + counted === 0 && report.numPendingTests === 0;
  const failures = counted + (isUnexplained || isEmpty ? 1 : 0);
  const skips = report.numPendingTests + report.numTodoTests;
  const note = isEmpty
    ? "no test was found"
    : `${report.numPassedTests} of ${report.numPassedTests + counted} tests passed in ${files} files${skips > 0 ? `, ${skips} skipped` : ""}`;
  return { passed: report.numPassedTests, failed: failures, skipped: skips, note, output: failures > 0 ? output : "" };
}
