// Where figures come from: the kind of machine, Node, the commit, the command. No name and no path of a machine.
import { execFileSync } from "node:child_process";
import { cpus, totalmem } from "node:os";
import process from "node:process";

export interface Provenance {
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGB: number; readonly platform: string };
  readonly node: string;
  /** The commit measured; ends in "+" when the tree had changes that are in no commit. */
  readonly commit: string;
  readonly command: string;
  readonly date: string;
}

export function provenance(command: string): Provenance {
  const list = cpus();
  return {
    machine: {
      cpu: list[0]?.model.trim() ?? "unknown",
      cores: list.length,
      memoryGB: Math.round(totalmem() / 2 ** 30),
      platform: `${process.platform}-${process.arch}`,
    },
    node: process.version,
    commit: commit(),
    command,
    date: new Date().toISOString().slice(0, 10),
  };
}

function commit(): string {
  const git = (...args: string[]): string | undefined => {
    try {
      return execFileSync("git", args, { cwd: import.meta.dirname, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    } catch {
      return undefined;
    }
  };
  const head = git("rev-parse", "--short=10", "HEAD");
  if (head === undefined) return "unknown";
  const changed = git("status", "--porcelain", "--untracked-files=no", "--", ":!results");
  return changed === "" ? head : `${head}+`;
}
