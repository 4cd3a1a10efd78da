// Looks again and again whether files changed, by time and size: that works on every disk and through every way of saving, a file that is
// written anew beside the old one included. A change is told once it has come to rest.
import { stat } from "node:fs/promises";
import { lookAgain } from "@sojourn/runtime";

/** How often files are looked at. */
const LOOK_MS = 250;

export interface Watch {
  /** Watches these from now on, as they are now. */
  follow(files: Iterable<string>): Promise<void>;
  stop(): void;
}

/** Calls `changed` with the files that are not as they were; what changes while it works is told afterwards. */
export function watchFiles(changed: (files: readonly string[]) => Promise<void>, report: (problem: string) => void): Watch {
  const known = new Map<string, string>();
  /** What a look before this one saw that was news then. */
  let restless = new Map<string, string>();
  const stop = lookAgain(
    LOOK_MS,
    async () => {
      const news = new Map<string, string>();
      for (const [file, mark] of known) {
        const now = await markOf(file);
        if (now !== mark) news.set(file, now);
      }
      const isAtRest = news.size > 0 && news.size === restless.size && [...news].every(([file, mark]) => restless.get(file) === mark);
      restless = news;
      if (!isAtRest) return;
      restless = new Map();
      for (const [file, mark] of news) known.set(file, mark);
      await changed([...news.keys()]);
    },
    report,
  );
  return {
    stop,
    async follow(files) {
      for (const file of files) if (!known.has(file)) known.set(file, await markOf(file));
    },
  };
}

async function markOf(file: string): Promise<string> {
  const about = await stat(file).catch(() => undefined);
  return about === undefined ? "" : `${about.mtimeMs} ${about.size} ${about.ino}`;
}
