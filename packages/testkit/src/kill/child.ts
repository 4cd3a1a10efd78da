// A process of the federation, seen by the harness: it says what happens in JSON lines, takes orders by IPC, and can be killed.
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export type Line = { readonly [name: string]: unknown };

export class Child {
  readonly name: string;
  /** Settles when the process is gone; true when it was a kill that was meant. */
  readonly gone: Promise<boolean>;
  readonly #process: ChildProcess;
  readonly #listeners = new Set<(line: Line) => void>();
  #isMeant = false;
  isGone = false;
  /** Why it ended, when nobody meant it to. */
  complaint: string | undefined;

  /** `cacheFolder`: where processes find what another has compiled; they start in a third of the time. */
  constructor(script: string, name: string, args: readonly string[], cacheFolder: string) {
    this.name = name;
    const file = fileURLToPath(new URL(script, import.meta.url));
    this.#process = spawn(process.execPath, [file, ...args], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...process.env, NODE_COMPILE_CACHE: cacheFolder },
    });
    let errors = "";
    this.#process.stderr?.on("data", (data: Buffer) => {
      errors = (errors + data.toString()).slice(-2_000);
    });
    const lines = createInterface({ input: this.#process.stdout as NodeJS.ReadableStream });
    lines.on("line", (text) => this.#hear(text));
    this.gone = new Promise((resolve) => {
      this.#process.once("close", (code, signal) => {
        this.isGone = true;
        if (!this.#isMeant) this.complaint = `${name} ended by itself with ${code ?? signal}: ${errors}`;
        resolve(this.#isMeant);
      });
    });
  }

  on(listener: (line: Line) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The first line with this word in it; undefined when the process ends, or `withinMs` go by, without it. */
  said(word: string, withinMs: number): Promise<Line | undefined> {
    return new Promise((resolve) => {
      const end = (line: Line | undefined): void => {
        forget();
        clearTimeout(timer);
        resolve(line);
      };
      const forget = this.on((line) => (word in line ? end(line) : undefined));
      const timer = setTimeout(end, withinMs, undefined);
      void this.gone.then(() => end(undefined));
    });
  }

  order(order: object): void {
    if (!this.isGone && this.#process.connected) this.#process.send(order, () => {});
  }

  /** kill -9; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#isMeant = true;
    this.#process.kill("SIGKILL");
    await this.gone;
  }

  #hear(text: string): void {
    if (!text.startsWith("{")) return;
    const line = JSON.parse(text) as Line;
    // It says so as its last word before it kills itself.
    if ("fired" in line) this.#isMeant = true;
    for (const listener of [...this.#listeners]) listener(line);
  }
}
