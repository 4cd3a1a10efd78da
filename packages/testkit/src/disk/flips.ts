// Every byte of a journal changed, one at a time, and every letter of its files' names: each must halt the opening, or for a checkpoint
// be said loudly, and none may change anything. The journal has several epochs, segments, checkpoints, and space taken ahead.
import { jsonLog, seededRandom } from "@sojourn/runtime";
import { SimDisk } from "./sim-disk.ts";
import { FOLDER, open, Workload, wrongWith } from "./workload.ts";

const LEAST_BYTES = 65_536;

export interface FlipOutcome {
  bytes: number;
  detected: number;
  /** Changes that were not noticed, by file and byte. */
  readonly missed: string[];
}

/** A journal that was closed in good order, at least 64 KiB long. */
export function grown(seed: number): { disk: SimDisk; reported: number } {
  const disk = new SimDisk();
  const workload = new Workload(disk, seededRandom(seed));
  const bytes = (): number => [...disk.contents().values()].reduce((sum, content) => sum + content.length, 0);
  workload.live(10);
  // Old segments are dropped as checkpoints allow; enough must lie behind the last one.
  while (bytes() < LEAST_BYTES || disk.contents().size < 8) workload.append(3);
  workload.reopen();
  workload.append(2);
  workload.close();
  return { disk, reported: workload.reported };
}

/** `every`: not each byte, but one in so many. */
export function flipEveryByte(seed: number, every = 1): FlipOutcome {
  const { disk, reported } = grown(seed);
  const outcome: FlipOutcome = { bytes: 0, detected: 0, missed: [] };
  const judge = (what: string, path: string): void => {
    outcome.bytes += 1;
    if (isNoticed(disk, path, reported)) outcome.detected += 1;
    else if (outcome.missed.length < 10) outcome.missed.push(what);
  };
  for (const [path, content] of disk.contents()) {
    for (let at = 0; at < content.length; at += every) {
      const was = content[at] as number;
      content[at] = was ^ pattern(at);
      judge(`${path} byte ${at}`, path);
      content[at] = was;
    }
    const name = path.slice(FOLDER.length + 1);
    for (let at = 0; at < name.length; at++) {
      const other = String.fromCharCode(name.charCodeAt(at) ^ 1);
      const misnamed = `${FOLDER}/${name.slice(0, at)}${other}${name.slice(at + 1)}`;
      // Two files cannot have one name.
      if (disk.exists(misnamed)) continue;
      disk.misname(path, misnamed);
      judge(`${path} as ${misnamed}`, misnamed);
      disk.misname(misnamed, path);
    }
  }
  const wrong = wrongWith(open(disk), reported, 0);
  if (wrong !== undefined) outcome.missed.push(`afterwards: ${wrong}`);
  return outcome;
}

/** One bit, another in every byte; now and then all of them. */
function pattern(at: number): number {
  return at % 11 === 0 ? 0xff : 1 << (at % 8);
}

/** A disk that is changed cannot be opened, and is left as it is; a checkpoint that is, is named in the log and not used. */
function isNoticed(disk: SimDisk, path: string, reported: number): boolean {
  const lines: string[] = [];
  const isCheckpoint = path.endsWith(".checkpoint");
  const changes = disk.pending;
  try {
    const target = isCheckpoint ? disk.copy() : disk;
    const log = jsonLog((line) => lines.push(line));
    const journal = open(target, log, "first");
    const isSaid = isCheckpoint && lines.some((line) => line.includes("checkpoint damaged") && line.includes(path));
    return isSaid && wrongWith(journal, reported, 0) === undefined;
  } catch {
    return disk.pending === changes;
  }
}
