// The line that says what a benchmark is doing: rewritten in place at a terminal, a line each where there is none. On stderr, so that
// stdout stays the figures'.
import process from "node:process";

export interface Progress {
  say(line: string): void;
  end(): void;
}

export function progress(): Progress {
  const { stderr } = process;
  let before = "";
  return {
    say(line) {
      if (line === before) return;
      before = line;
      stderr.write(stderr.isTTY ? `\r\x1b[2K${line}` : `${line}\n`);
    },
    end() {
      if (stderr.isTTY && before !== "") stderr.write("\r\x1b[2K");
      before = "";
    },
  };
}

/** A table of figures for people: names left, numbers right. */
export function table(rows: readonly { readonly [column: string]: string | number | undefined }[], columns: readonly string[]): string {
  const cells = rows.map((row) => columns.map((column) => String(row[column] ?? "–")));
  const widths = columns.map((column, i) => Math.max(column.length, ...cells.map((row) => (row[i] as string).length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number))).join("  ");
  return [line(columns), ...cells.map(line)].join("\n");
}
