// What a crossing cannot be cheaper than on this machine: an fsync of a file, a commit of the journal, a passport signed and opened.
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileJournal } from "@sojourn/runtime/node";
import { median, rounded } from "../figures.ts";
import { signatureCosts } from "../signatures.ts";

const ROUND_MS = 1_500;
const RECORD_BYTES = 512;

export interface Floors {
  readonly fsyncMs: number;
  readonly fsyncsPerSecond: number;
  readonly journalCommitMs: number;
  readonly journalCommitsPerSecond: number;
  readonly signPassportUs: number;
  readonly openPassportUs: number;
}

export function floors(folder: string): Floors {
  const fd = openSync(join(folder, "fsync.bin"), "a");
  const page = new Uint8Array(4_096).fill(7);
  const fsyncs = timed(() => {
    writeSync(fd, page);
    fsyncSync(fd);
  });
  closeSync(fd);
  const journal = fileJournal(join(folder, "floor.journal"));
  const record = new Uint8Array(RECORD_BYTES).fill(7);
  const commits = timed(() => journal.append([record]));
  journal.close();
  const { signPassportUs = Number.NaN, openPassportUs = Number.NaN } = signatureCosts().node ?? {};
  return {
    fsyncMs: rounded(fsyncs.ms),
    fsyncsPerSecond: rounded(fsyncs.perSecond),
    journalCommitMs: rounded(commits.ms),
    journalCommitsPerSecond: rounded(commits.perSecond),
    signPassportUs,
    openPassportUs,
  };
}

function timed(run: () => void): { readonly ms: number; readonly perSecond: number } {
  const took: number[] = [];
  const endMs = performance.now() + ROUND_MS;
  for (let startMs = performance.now(); startMs < endMs; startMs = performance.now()) {
    run();
    took.push(performance.now() - startMs);
  }
  return { ms: median(took), perSecond: (took.length * 1_000) / ROUND_MS };
}
