// How the command speaks: people get sentences on stderr and results on stdout; `--json` makes the last stdout line one JSON object.
import { type Fault, FaultError, fault } from "@sojourn/protocol";
import { JournalFailure } from "@sojourn/runtime";

/** Names come from strangers: what would steer a terminal or turn its text around is shown as �. Line breaks stay. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, (mark) => (mark === "\n" ? mark : "\ufffd"));
}

/** Plain progress and status for people. On stderr, so that stdout holds results only. */
export function say(line: string): void {
  process.stderr.write(`${plain(line)}\n`);
}

/** The result of a command: `text` for people, or `value` as one JSON line for machines. */
export function result(json: boolean, value: unknown, text: string): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${plain(text)}\n`);
}

/** What a person can do about a fault; the codes are the protocol's own. */
const NEXT_STEP: { readonly [code: string]: string } = {
  "unsupported-map": "Change that layer or object in Tiled, or leave the feature out, then pack again.",
  "bad-map": "Open the file in Tiled and save it again; check that the tilesets it names lie beside it.",
  "destination-down": "Check that the other world runs and that its address is right.",
  "unknown-origin": "The operator of that world must pin yours first: sojourn peer add URL.",
  "passport-required": "Enter a world that lets newcomers in and walk through its portal.",
  "store-failed": "Check the folder's permissions and the free space on its disk.",
};

/** Ends the command with a fault: a sentence and a next step for people, the fault itself for machines. */
export function reportFault(json: boolean, problem: Fault): void {
  if (json) process.stdout.write(`${JSON.stringify({ fault: problem })}\n`);
  const next = NEXT_STEP[problem.code];
  say(`sojourn: ${problem.code}: ${problem.detail}${next === undefined ? "" : `\n  → ${next}`}`);
  process.exitCode = 1;
}

/** A command line that cannot be understood, from the parser: the same two voices. The parser ends the process with exit code 1. */
export function reportMisuse(words: string, write: (words: string) => void): void {
  const detail = words
    .replace(/^error: /, "")
    .trim()
    .replaceAll("\n", " ");
  if (process.argv.includes("--json")) process.stdout.write(`${JSON.stringify({ fault: fault("malformed", "client", detail) })}\n`);
  write(`sojourn: ${detail}\n`);
}

/** Runs a command; a fault becomes a sentence and exit code 1, a bug stays a stack trace and exit code 70. */
export async function run(json: boolean, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (problem) {
    if (problem instanceof FaultError) return reportFault(json, problem.fault);
    const known = systemFault(problem);
    if (known !== undefined) return reportFault(json, known);
    process.stderr.write(`sojourn: a bug: ${problem instanceof Error ? (problem.stack ?? problem.message) : String(problem)}\n`);
    process.exitCode = 70;
  }
}

/** What an operator meets and can mend, as faults: a journal that cannot be used, and the operating system's refusals. */
function systemFault(problem: unknown): Fault | undefined {
  if (problem instanceof JournalFailure) {
    return fault(/another process holds/.test(problem.message) ? "busy" : "store-failed", "world", problem.message);
  }
  if (!(problem instanceof Error) || !("code" in problem) || !("syscall" in problem)) return undefined;
  const where = "path" in problem ? ` ${String(problem.path)}` : "";
  if (problem.syscall === "mkdir") return fault("store-failed", "client", `the folder${where} cannot be made (${String(problem.code)})`);
  switch (problem.code) {
    case "ENOENT":
      return fault("malformed", "client", `there is no file or folder${where}`);
    case "EACCES":
    case "EPERM":
      return fault("store-failed", "client", `no permission for${where || ` ${problem.message}`}`);
    case "EROFS":
      return fault("store-failed", "client", `${where.trim() || "the folder"} is on a disk that cannot be written`);
    case "ENOSPC":
    case "EDQUOT":
      return fault("store-failed", "world", "the disk is full");
    case "EADDRINUSE":
      return fault("busy", "world", `${problem.message.replace(/^listen EADDRINUSE: /, "")}; choose another with --port`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return fault("malformed", "client", `${problem.message}: this machine has no such address; choose another with --host`);
    default:
      return fault("store-failed", "client", problem.message);
  }
}
