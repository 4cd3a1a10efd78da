// What both session machines share: a machine is a table of rows (in this step, on this event, to one of these steps), and the
// diagrams in docs/protocol are drawn from the same rows that run. Law: a row that ends in a step it does not name is a bug and throws.

/** What a machine answers to an input: its next state, and what is to be done now, in order. */
export interface Outcome<State, Effect> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** One row. `run` is only ever called with the input its place in the table names. */
export interface Row<State, Effect> {
  readonly to: readonly string[];
  readonly run: (state: State, input: never, nowMs: number) => Outcome<State, Effect>;
}

export type Rows<State, Effect> = { readonly [event: string]: Row<State, Effect> };
export type Table<State, Effect> = { readonly [step: string]: Rows<State, Effect> };

/** Writes a row: `to` are all steps it may end in; `run` may take the input in its own type. */
export function row<State, Effect, Input>(
  to: readonly string[],
  run: (state: State, input: Input, nowMs: number) => Outcome<State, Effect>,
): Row<State, Effect> {
  return { to, run: run as Row<State, Effect>["run"] };
}

export function runRow<State extends { readonly step: string }, Effect>(
  rows: Row<State, Effect>,
  state: State,
  input: unknown,
  nowMs: number,
): Outcome<State, Effect> {
  const outcome = rows.run(state, input as never, nowMs);
  if (!rows.to.includes(outcome.state.step)) {
    throw new Error(`from ${state.step} to ${outcome.state.step}: the table names only ${rows.to.join(", ")}`);
  }
  return outcome;
}

/** A mermaid state diagram of a table. Rows that stay where they are are left out; equal arrows share one line. */
export function stateDiagram<State, Effect>(table: Table<State, Effect>, start: string, end: string): string {
  const lines = ["stateDiagram-v2", `  [*] --> ${start}`];
  for (const [from, rows] of Object.entries(table)) {
    const arrows = new Map<string, string[]>();
    for (const [event, { to }] of Object.entries(rows)) {
      for (const step of to) if (step !== from) arrows.set(step, [...(arrows.get(step) ?? []), event]);
    }
    for (const [to, events] of arrows) lines.push(`  ${from} --> ${to}: ${events.join(", ")}`);
  }
  lines.push(`  ${end} --> [*]`);
  return lines.join("\n");
}
