// What goes wrong outside of any tick: timers and promises that a world's author left running. It has touched nothing of the world, since
// moments are over by then; so it is logged and the world goes on. Anything else that nobody caught is a bug of ours, and ends the process.
import { fileURLToPath } from "node:url";
import type { Log } from "@sojourn/runtime";

const OURS = ["packages/", "apps/"].map((room) => fileURLToPath(new URL(`../../../${room}`, import.meta.url)));
const BUG_EXIT = 70;

/** @param authorFolder where the world's module lies; undefined: there is no author's code in this process. */
export function mindStrays(authorFolder: string | undefined, log: Log): void {
  const heard = (event: string) => (problem: unknown) => {
    const stack = stackOf(problem);
    if (authorFolder !== undefined && isAuthors(stack, authorFolder)) {
      log.error(event, { error: stack, remedy: "catch it where it happens; to act on the world, wait for the next hook" });
      return;
    }
    log.error("fatal", { error: stack });
    process.exit(BUG_EXIT);
  };
  process.on("uncaughtException", heard("author's timer failed"));
  process.on("unhandledRejection", heard("author's promise rejected"));
}

/** Pure: whose doing it was, by what was running. A failure of the platform that shows neither is the author's: we catch ours. */
export function isAuthors(stack: string, authorFolder: string): boolean {
  return stack.includes(authorFolder) || !OURS.some((folder) => stack.includes(folder));
}

function stackOf(problem: unknown): string {
  try {
    return problem instanceof Error ? String(problem.stack ?? problem.message) : String(problem);
  } catch {
    return "something that cannot be shown was thrown";
  }
}
