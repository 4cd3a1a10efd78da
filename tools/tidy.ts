// `npm run tidy`: the laws of the house that a machine can check, over every tracked file. Prints each broken law with its place;
// exits 1 when one is broken. Warnings are shown and do not fail.
import { resolve } from "node:path";
import process from "node:process";
import { checkArrows } from "./tidy/arrows.ts";
import { checkLeftovers } from "./tidy/leftovers.ts";
import { checkExportedNames, checkFileNames, checkGlossary } from "./tidy/names.ts";
import { checkOpenings } from "./tidy/opening.ts";
import { checkPurity } from "./tidy/purity.ts";
import { type Problem, type Repository, readRepository } from "./tidy/repository.ts";
import { checkSizes } from "./tidy/sizes.ts";
import { checkSpec } from "./tidy/spec.ts";

const CHECKS: readonly ((repository: Repository) => Problem[])[] = [
  checkParse,
  checkArrows,
  checkSizes,
  checkPurity,
  checkOpenings,
  checkFileNames,
  checkExportedNames,
  checkGlossary,
  checkLeftovers,
  checkSpec,
];

function checkParse(repository: Repository): Problem[] {
  return repository.unparsed.map(({ path, line, message }) => ({ path, line, rule: "parse", message }));
}

function main(): void {
  const repository = readRepository(resolve(import.meta.dirname, ".."));
  if (repository === undefined) {
    process.stdout.write(
      "tidy asks git which files belong to the repository, and git did not answer: run it in a clone, with git on PATH\n",
    );
    process.exitCode = 1;
    return;
  }
  const problems = CHECKS.flatMap((check) => check(repository));
  problems.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line));
  for (const problem of problems) {
    const mark = problem.isWarning === true ? "warning, " : "";
    process.stdout.write(`${problem.path}:${problem.line}: ${mark}${problem.rule}: ${problem.message}\n`);
  }
  const warnings = problems.filter((problem) => problem.isWarning === true).length;
  const broken = problems.length - warnings;
  process.stdout.write(`${repository.paths.length} files, ${broken} laws broken, ${warnings} warnings\n`);
  process.exitCode = broken > 0 ? 1 : 0;
}

main();
