// The order in which test files are begun: what takes long goes first, so that no core waits at the end for the other's last file.
// Vitest takes the largest files to be the longest until it has run them once; the simulator's are small, and the longest of all.
import { BaseSequencer, type TestSpecification } from "vitest/node";

const LONGEST = "/packages/testkit/src/";

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => moduleId.includes(LONGEST);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
