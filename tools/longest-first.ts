// The order in which test files are begun: what takes long goes first, so that no core waits at the end for the other's last file.
// Vitest takes the largest files to be the longest until it has run them once; those that run a simulation, a search or many processes are
// not large.
import { BaseSequencer, type TestSpecification } from "vitest/node";

const LONGEST = ["/apps/cli/src/command.test.ts", "/packages/testkit/src/federation/mutants.test.ts", "/model/", "/packages/testkit/src/"];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((part) => moduleId.includes(part));
      return at < 0 ? LONGEST.length : at;
    };
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}
