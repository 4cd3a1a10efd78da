// Runs an author's hooks so that none can break the tick: what it throws is caught, logged and counted; a hook that keeps failing is
// switched off; a slow one is reported; a promise is a mistake that is reported and whose rejection is taken in.
import type { Log } from "@sojourn/runtime";
import { HOOK_LIMITS } from "../limits.ts";

interface HookRecord {
  inRow: number;
  failures: number;
  windowFromMs: number;
  reportedMs: number;
  /** What its calls took since `spentFromMs`. */
  spentMs: number;
  spentFromMs: number;
  isOff: boolean;
}

export interface HookGuardOptions {
  readonly log: Log;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Called around each hook: begins and ends the time in which its moment is good. */
  readonly begin: () => () => void;
}

export class HookGuard {
  readonly #options: HookGuardOptions;
  readonly #hooks = new Map<string, HookRecord>();
  /** Failures of all hooks since the world opened. */
  failures = 0;

  constructor(options: HookGuardOptions) {
    this.#options = options;
  }

  isOff(name: string): boolean {
    return this.#hooks.get(name)?.isOff === true;
  }

  /**
   * Calls `hook` under its name. Gives back the sentence it refused with, if it did; undefined when it had nothing against it, failed,
   * or is switched off: a broken rule of an author stops nobody.
   */
  run(name: string, hook: () => unknown): string | undefined {
    const record = this.#record(name);
    if (record.isOff) return undefined;
    const startedMs = this.#options.now();
    const end = this.#options.begin();
    let answer: unknown;
    try {
      answer = hook();
    } catch (error) {
      this.#failed(name, record, wordsOf(error));
      return undefined;
    } finally {
      end();
    }
    this.#timed(name, record, this.#options.now() - startedMs);
    if (typeof answer === "string") {
      record.inRow = 0;
      return answer;
    }
    if (this.#isPromise(name, answer)) {
      this.#failed(name, record, "it returned a promise; hooks run inside a tick and cannot wait");
      return undefined;
    }
    record.inRow = 0;
    return undefined;
  }

  #record(name: string): HookRecord {
    let record = this.#hooks.get(name);
    if (record === undefined) {
      const nowMs = this.#options.now();
      const spent = { spentMs: 0, spentFromMs: nowMs, reportedMs: Number.NEGATIVE_INFINITY };
      record = { inRow: 0, failures: 0, windowFromMs: nowMs, ...spent, isOff: false };
      this.#hooks.set(name, record);
    }
    return record;
  }

  #failed(name: string, record: HookRecord, error: string): void {
    const nowMs = this.#options.now();
    if (nowMs - record.windowFromMs > HOOK_LIMITS.failureWindowMs) {
      record.windowFromMs = nowMs;
      record.failures = 0;
    }
    this.failures += 1;
    record.inRow += 1;
    record.failures += 1;
    this.#options.log.error("hook failed", { hook: name, inRow: record.inRow, error });
    if (record.inRow < HOOK_LIMITS.failuresInRow && record.failures < HOOK_LIMITS.failures) return;
    record.isOff = true;
    this.#options.log.error("hook switched off", { hook: name, failures: record.failures, remedy: "mend it and restart the world" });
  }

  #timed(name: string, record: HookRecord, tookMs: number): void {
    const nowMs = this.#options.now();
    if (nowMs - record.spentFromMs > HOOK_LIMITS.reportMs) {
      record.spentFromMs = nowMs;
      record.spentMs = 0;
    }
    record.spentMs += tookMs;
    const longMs = name === "onStart" ? HOOK_LIMITS.slowStartMs : HOOK_LIMITS.slowMs;
    if (tookMs <= longMs && record.spentMs <= HOOK_LIMITS.reportMs * HOOK_LIMITS.slowShare) return;
    if (nowMs - record.reportedMs < HOOK_LIMITS.reportMs) return;
    record.reportedMs = nowMs;
    const inAllMs = Math.round(record.spentMs);
    this.#options.log.warn("hook is slow", { hook: name, tookMs: Math.round(tookMs * 10) / 10, inAllMs });
  }

  /** Whether an answer is a promise. It belongs to the author, like what it throws when it is looked at. */
  #isPromise(name: string, answer: unknown): boolean {
    try {
      if (!isThenable(answer)) return false;
      // What it does later happens outside of any tick: its moment is over and throws. Nobody else would hear of that.
      answer.then(undefined, (error: unknown) => this.#options.log.warn("hook promise rejected", { hook: name, error: wordsOf(error) }));
    } catch {
      // Whatever it is, it is no plain answer.
    }
    return true;
  }
}

/** What was thrown, in words; it may be anything, and even looking at it may throw. */
function wordsOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.stack ?? error.message) : String(error);
  } catch {
    return "something that cannot be shown was thrown";
  }
}

function isThenable(value: unknown): value is { then(done: unknown, failed: (error: unknown) => void): unknown } {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
