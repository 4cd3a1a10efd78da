// Named moments at which a world's process ends itself with SIGKILL, put around it from outside: around its journal and its posts.
// Law: at most one is armed; nothing of the process runs after it.
import { writeSync } from "node:fs";
import process from "node:process";
import { decodeRecord } from "@sojourn/protocol";
import type { Journal } from "@sojourn/runtime";

/**
 * `before:R` a commit with a record R, nothing of it durable · `amid:R` somewhere in it (the harness pulls the trigger) ·
 * `after:R` durable, nothing said · `sent:R` what a link carries is said, posts to peers are not.
 * `rotation` a new segment is there and the old one not closed · `sealing` it is · `checkpoint` one is being made ·
 * `epoch` a new epoch began on opening and nothing else · `opening` its segment is there, too.
 * `asked:T` before a token T is posted to a peer · `answered:T` its answer came and nobody heard it.
 */
export class Failpoints {
  #name = "";
  #skip = 0;

  /** The `skip`+1st time it is reached, it strikes. An empty name arms none. */
  arm(name: string, skip: number): void {
    this.#name = name;
    this.#skip = skip;
  }

  /** Ends the process here and now if this is the moment. */
  reach(name: string): void {
    if (this.#isNow(name)) this.strike(name);
  }

  strike(name: string): void {
    tell({ fired: name });
    process.kill(process.pid, "SIGKILL");
  }

  journal(journal: Journal, onAppended: (kinds: ReadonlySet<string>) => void): Journal {
    return appendingBy(journal, (records) => {
      const kinds = kindsOf(records);
      for (const kind of kinds) this.reach(`before:${kind}`);
      for (const kind of kinds) if (this.#isNow(`amid:${kind}`)) tell({ amid: `amid:${kind}` });
      journal.append(records);
      for (const kind of kinds) this.reach(`after:${kind}`);
      // A turn says everything before it returns to the event loop: microtasks are the first to run after that.
      for (const kind of kinds) if (this.#isNow(`sent:${kind}`)) queueMicrotask(() => this.strike(`sent:${kind}`));
      onAppended(kinds);
    });
  }

  /** Posts to peers go out by the platform's fetch. */
  fetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
    return async (input, init) => {
      const typ = typeof init?.body === "string" ? typOf(init.body) : undefined;
      if (typ !== undefined) this.reach(`asked:${typ}`);
      const answer = await fetch(input, init);
      if (typ !== undefined) this.reach(`answered:${typ}`);
      return answer;
    };
  }

  #isNow(name: string): boolean {
    if (name !== this.#name) return false;
    this.#skip -= 1;
    if (this.#skip >= 0) return false;
    this.#name = "";
    return true;
  }
}

/** A journal that lies: what it took is durable only so much later. Judges that find nothing wrong with such worlds are no judges. */
export function lateJournal(journal: Journal, lateMs: number): Journal {
  return appendingBy(journal, (records) => void setTimeout(() => journal.append(records), lateMs));
}

/** The same journal, appended to in another way. */
function appendingBy(journal: Journal, append: Journal["append"]): Journal {
  return {
    append,
    epoch: journal.epoch,
    checkpoint: journal.checkpoint,
    hasRoom: () => journal.hasRoom(),
    read: (fromSeq) => journal.read(fromSeq),
    get lastSeq() {
      return journal.lastSeq;
    },
    close: () => journal.close(),
  };
}

/** One JSON line to the harness, written when it returns. */
export function tell(line: { readonly [name: string]: unknown }): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

function kindsOf(records: readonly Uint8Array[]): Set<string> {
  const kinds = new Set<string>();
  for (const bytes of records) {
    const record = decodeRecord(bytes);
    if (record.ok) kinds.add(record.value.r);
  }
  return kinds;
}

/** What a compact token says it is, without its `sojourn-…+jws` clothes; undefined when the body is no token. */
function typOf(token: string): string | undefined {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString());
    const typ = typeof header === "object" && header !== null && "typ" in header ? String(header.typ) : undefined;
    return typ?.replace(/^sojourn-/, "").replace(/\+jws$/, "");
  } catch {
    return undefined;
  }
}
