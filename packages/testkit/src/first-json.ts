// What a command of ours says first with `--json`: the line that tells it is ready.
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

/** The first line of `child`'s output that is an object; undefined when it ends, or `withinMs` passes, before one comes. */
export async function firstJson(child: ChildProcess, withinMs: number): Promise<unknown> {
  return await new Promise((resolve) => {
    const late = setTimeout(() => resolve(undefined), withinMs);
    const end = (value: unknown): void => {
      clearTimeout(late);
      resolve(value);
    };
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      if (line.startsWith("{")) end(JSON.parse(line));
    });
    child.once("exit", () => end(undefined));
  });
}
