// The loop around a pure machine: inputs queue, one drain steps them in order, effects go out, and a timer is kept for `wakeAt`.
import type { Clock } from "./clock.ts";
import { DRIVE_LIMITS } from "./limits.ts";

/** A pure machine: all rules, no time, no IO. `nowMs` is the monotonic clock. */
export interface Machine<State, Input, Effect> {
  step(state: State, input: Input, nowMs: number): { readonly state: State; readonly effects: readonly Effect[] };
  /** When the machine wants to be stepped with `wake` although nothing happened; undefined: not at all. */
  wakeAt(state: State): number | undefined;
  readonly wake: Input;
}

export interface Driver<State, Input> {
  readonly state: State;
  /** Queues an input. It is stepped soon, never inside this call. */
  feed(input: Input): void;
  /** Steps everything that waits, now. For a shell with a tick of its own. */
  drain(): void;
  stop(): void;
}

/** Runs `machine` from `start`. `perform` may feed inputs; it must not throw (a throw is a bug and goes up to the caller of the drain). */
export function drive<State, Input, Effect>(
  machine: Machine<State, Input, Effect>,
  start: { readonly state: State; readonly effects: readonly Effect[] },
  clock: Clock,
  perform: (effect: Effect) => void,
): Driver<State, Input> {
  let state = start.state;
  let queue: Input[] = [];
  let cancelDrain: (() => void) | undefined;
  let cancelWake: (() => void) | undefined;
  let stopped = false;
  let draining = false;

  const step = (input: Input): void => {
    const next = machine.step(state, input, clock.monotonic());
    state = next.state;
    for (const effect of next.effects) perform(effect);
  };
  const armWake = (): void => {
    cancelWake?.();
    cancelWake = undefined;
    const at = stopped ? undefined : machine.wakeAt(state);
    if (at !== undefined) cancelWake = clock.schedule(at, () => wake(at));
  };
  // A wake that comes late says that this process was held up, not that nobody spoke: what came meanwhile is heard first.
  let putOff = Number.NaN;
  const wake = (at: number): void => {
    const now = clock.monotonic();
    const isOnTime = at === putOff || now - at <= DRIVE_LIMITS.lateMs;
    putOff = at;
    if (isOnTime) feed(machine.wake);
    else cancelWake = clock.schedule(now + DRIVE_LIMITS.hearFirstMs, () => feed(machine.wake));
  };
  const scheduleDrain = (): void => {
    if (!stopped && !draining) cancelDrain ??= clock.schedule(clock.monotonic(), drain);
  };
  const drain = (): void => {
    if (draining || stopped) return;
    cancelDrain?.();
    cancelDrain = undefined;
    draining = true;
    let left: number = DRIVE_LIMITS.inputsPerDrain;
    try {
      while (queue.length > 0 && left > 0 && !stopped) {
        const batch = queue.splice(0, left);
        left -= batch.length;
        for (const input of batch) if (!stopped) step(input);
      }
    } finally {
      draining = false;
    }
    armWake();
    if (queue.length > 0) scheduleDrain();
  };
  const feed = (input: Input): void => {
    if (stopped) return;
    if (queue.length >= DRIVE_LIMITS.waitingInputs) throw new Error("a machine is fed faster than it is drained");
    queue.push(input);
    scheduleDrain();
  };

  for (const effect of start.effects) perform(effect);
  armWake();
  return {
    get state() {
      return state;
    },
    feed,
    drain,
    stop() {
      stopped = true;
      queue = [];
      cancelDrain?.();
      cancelWake?.();
    },
  };
}
