// A process of a benchmark, seen by the harness: it is given orders and says what it saw, both by IPC; its complaints are kept.
import { type ChildProcess, fork } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

const COMPLAINT_CHARS = 4_000;

export type Said = { readonly [word: string]: unknown };

export class Child {
  readonly name: string;
  readonly gone: Promise<void>;
  readonly #process: ChildProcess;
  readonly #listeners = new Set<(said: Said) => void>();
  #complaints = "";
  #isGone = false;

  /** `script`: a file beside `from`, which is the caller's import.meta.url. */
  constructor(name: string, from: string, script: string, args: readonly string[], execArgv: readonly string[] = []) {
    this.name = name;
    this.#process = fork(fileURLToPath(new URL(script, from)), args, {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      execArgv: [...execArgv],
    });
    this.#process.stderr?.on("data", (data: Buffer) => {
      this.#complaints = (this.#complaints + data.toString()).slice(-COMPLAINT_CHARS);
    });
    this.#process.on("message", (said: Said) => {
      for (const listener of [...this.#listeners]) listener(said);
    });
    this.gone = new Promise((resolve) => {
      this.#process.once("close", () => {
        this.#isGone = true;
        resolve();
      });
    });
  }

  get complaints(): string {
    return this.#complaints.trim();
  }
  get pid(): number | undefined {
    return this.#process.pid;
  }

  on(listener: (said: Said) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  order(order: object): void {
    if (!this.#isGone && this.#process.connected) this.#process.send(order);
  }

  /** What it says under this word next. Throws with the process's own complaints when it ends or is silent for too long. */
  async said<T>(word: string, withinMs: number, order?: object): Promise<T> {
    const heard = new Promise<T>((resolve, reject) => {
      const end = (settle: () => void): void => {
        forget();
        clearTimeout(late);
        settle();
      };
      const forget = this.on((said) => {
        if (word in said) end(() => resolve(said[word] as T));
      });
      const late = setTimeout(() => end(() => reject(this.#error(`did not say "${word}" in ${withinMs / 1_000} s`))), withinMs);
      void this.gone.then(() => end(() => reject(this.#error(`ended before it said "${word}"`))));
    });
    if (order !== undefined) this.order(order);
    return await heard;
  }

  async end(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.gone;
  }

  #error(what: string): Error {
    return new Error(`${this.name} ${what}${this.complaints === "" ? "" : `:\n${this.complaints}`}`);
  }
}

/** Children of a benchmark end with it, however it ends. */
export async function withChildren<T>(work: (started: Child[]) => Promise<T>): Promise<T> {
  const children: Child[] = [];
  const endAll = (): void => {
    for (const child of children) if (child.pid !== undefined) void child.end();
  };
  process.once("exit", endAll);
  try {
    return await work(children);
  } finally {
    process.off("exit", endAll);
    await Promise.all(children.map((child) => child.end()));
  }
}
