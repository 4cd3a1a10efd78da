// Shows how far long work has come: one line that is drawn over on a terminal, a line now and then elsewhere. On stderr.
import { plain } from "./output.ts";

const REDRAW_MS = 100;
const LINE_MS = 5_000;
const BAR = 24;

export interface Progress {
  /** `part` of the whole, 0 to 1; undefined when nobody knows the whole. */
  at(part: number | undefined, words: string): void;
  done(): void;
}

/** `json`: nothing is shown. */
export function progress(json: boolean, stream: NodeJS.WriteStream = process.stderr): Progress {
  let shownMs = Number.NEGATIVE_INFINITY;
  let isDrawn = false;
  const isTerminal = stream.isTTY === true;
  return {
    at(part, words) {
      const nowMs = performance.now();
      if (json || nowMs - shownMs < (isTerminal ? REDRAW_MS : LINE_MS)) return;
      if (!isTerminal && shownMs === Number.NEGATIVE_INFINITY) {
        shownMs = nowMs;
        return;
      }
      shownMs = nowMs;
      const line = plain(part === undefined ? words : `${bar(part)} ${words}`);
      stream.write(isTerminal ? `\r\u001b[K${line}` : `${line}\n`);
      isDrawn = isTerminal;
    },
    done() {
      if (isDrawn) stream.write("\r\u001b[K");
      isDrawn = false;
    },
  };
}

function bar(part: number): string {
  const full = Math.round(Math.min(1, Math.max(0, part)) * BAR);
  return `${"█".repeat(full)}${"░".repeat(BAR - full)} ${String(Math.floor(part * 100)).padStart(3)} %`;
}

export function byteWords(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  return bytes < 1_048_576 ? `${(bytes / 1_024).toFixed(1)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`;
}
