// What of a visit follows from its step alone: what people are shown, until when it waits, whether it asks for signs of life.
import { TIMES } from "../limits.ts";
import type { ClientState, Visit, VisitStep } from "./visit-types.ts";

const PHASES: { readonly [step in VisitStep]: ClientState } = {
  opening: "CONNECTING",
  greeting: "CONNECTING",
  signing: "CONNECTING",
  proving: "CONNECTING",
  loading: "LOADING_SUBSTRATE",
  syncing: "SYNCING",
  live: "LIVE",
  hushed: "GHOST",
  holding: "CONNECTING",
  recalling: "CONNECTING",
  closing: "CONNECTING",
  waiting: "CONNECTING",
  closed: "CLOSED",
};

/** What people are shown of a visit. */
export function phaseOf(visit: Visit): ClientState {
  return visit.ghost !== undefined && visit.step !== "closed" ? "GHOST" : PHASES[visit.step];
}

/** When the visit wants `wake`, ms; undefined once it is closed. */
export function wakeAtVisit(visit: Visit): number | undefined {
  const deadline = deadlineOf(visit);
  return isPinging(visit) ? Math.min(deadline, visit.pingedMs + TIMES.pingMs) : Number.isFinite(deadline) ? deadline : undefined;
}

/** When the present step has lasted too long, ms. */
export function deadlineOf(visit: Visit): number {
  switch (visit.step) {
    case "opening":
      return visit.enteredMs + TIMES.openMs;
    case "greeting":
      return visit.enteredMs + TIMES.helloMs;
    case "signing":
      return visit.enteredMs + TIMES.proofMs;
    case "proving":
      return visit.enteredMs + TIMES.proofMs + TIMES.admitMs;
    case "loading":
    case "recalling":
      return visit.heardMs + TIMES.idleMs;
    case "live":
      return visit.heardMs + TIMES.silenceMs;
    case "syncing":
    case "hushed":
      return visit.heardMs + 2 * TIMES.silenceMs;
    case "closing":
      return visit.enteredMs + TIMES.closeMs;
    case "waiting":
      return visit.retryMs;
    case "holding":
    case "closed":
      return Number.POSITIVE_INFINITY;
  }
}

export function isPinging(visit: Visit): boolean {
  return visit.step === "loading" || visit.step === "syncing" || visit.step === "live" || visit.step === "recalling";
}
