// A broken invariant. It ends the run.

export class Violation extends Error {}

export function mustHold(isTrue: boolean, invariant: string, what: string): void {
  if (!isTrue) throw new Violation(`${invariant}: ${what}`);
}
