// The client's side of a visit: every step and every transition of the machine. Who sends what after what is decided here and nowhere else.
// Law: one visit has one traveller and at most one link; a passport is out of hand only when its crossing is over.
import { encodeBase64url } from "../custody/base64url.ts";
import { type Fault, fault } from "../fault.ts";
import { LIMITS, PROTOCOL_VERSION, TIMES } from "../limits.ts";
import type { ClientMessage, WorldMessage } from "../messages.ts";
import { backoffMs } from "./backoff.ts";
import { type Outcome, type Row, row, runRow, type Table } from "./table.ts";
import { deadlineOf, isPinging, phaseOf } from "./visit-clock.ts";
import type { Crossing, CrossingStage, Target, Visit, VisitConfig, VisitEffect, VisitInput, VisitStep } from "./visit-types.ts";

type Next = Outcome<Visit, VisitEffect>;
type On<I extends VisitInput["i"]> = Extract<VisitInput, { i: I }>;
type Said<T extends WorldMessage["t"]> = {
  readonly i: "message";
  readonly link: number;
  readonly message: Extract<WorldMessage, { t: T }>;
};
type VisitRow = Row<Visit, VisitEffect>;

/** Begins a visit. `nowMs` is a clock that never steps back. */
export function startVisit(config: VisitConfig, nowMs: number): Next {
  const { crossing } = config;
  const visit: Visit = {
    step: "waiting",
    traveller: config.traveller,
    name: config.name,
    versions: config.versions ?? [PROTOCOL_VERSION],
    target: crossing === undefined ? config.target : destinationOf(crossing.destination),
    link: 0,
    isLinkOpen: false,
    nonce: undefined,
    challenge: undefined,
    manifest: undefined,
    substrate: config.substrate,
    hasWelcome: false,
    hasSnapshot: false,
    ghost: undefined,
    crossing: crossing === undefined ? undefined : { held: crossing, heading: "going", attempts: 0, refusal: undefined, fault: undefined },
    failures: 0,
    follows: 0,
    enteredMs: nowMs,
    heardMs: nowMs,
    pingedMs: nowMs,
    ackedMs: nowMs,
    tick: 0,
    ackedTick: 0,
    retryMs: nowMs,
    retryAfterMs: 0,
    pingN: 0,
    rttMs: undefined,
    seq: 0,
  };
  return open(visit, nowMs);
}

/** Takes one input. An input that means nothing in this step changes nothing. */
export function stepVisit(visit: Visit, input: VisitInput, nowMs: number): Next {
  if ("link" in input && input.link !== visit.link) return { state: visit, effects: [] };
  const isHeard = input.i === "message" || input.i === "snapshot" || input.i === "own";
  const heard = isHeard ? { ...visit, heardMs: nowMs } : visit;
  const event = input.i === "message" ? input.message.t : input.i;
  const found = VISIT_TABLE[visit.step]?.[event] ?? (isHeard ? VISIT_TABLE[visit.step]?.["out of order"] : undefined);
  const next = found === undefined ? { state: heard, effects: [] } : runRow(found, heard, input, nowMs);
  const phase = phaseOf(next.state);
  if (phase === phaseOf(visit)) return next;
  const { ghost } = next.state;
  return { state: next.state, effects: [...next.effects, ghost === undefined ? { e: "phase", phase } : { e: "phase", phase, ghost }] };
}

// Transitions, in the order of a visit.

function stay(state: Visit, ...effects: VisitEffect[]): Next {
  return { state, effects };
}

function go(visit: Visit, step: VisitStep, nowMs: number, changes: Partial<Visit>, ...effects: VisitEffect[]): Next {
  return { state: { ...visit, ...changes, step, enteredMs: nowMs }, effects };
}

function send(visit: Visit, message: ClientMessage): VisitEffect {
  return { e: "send", link: visit.link, message };
}

function destinationOf(destination: { readonly world: string; readonly url: string }): Target {
  return { url: destination.url, world: destination.world };
}

function crossingEffect(crossing: Crossing, stage: CrossingStage, why: Fault | undefined = crossing.fault): VisitEffect {
  const { attempts, held } = crossing;
  const known = { e: "crossing" as const, stage, destination: held.destination.name, attempts };
  return why === undefined ? known : { ...known, fault: why };
}

/** Asks for the next link, to wherever the visit is headed. */
function open(visit: Visit, nowMs: number): Next {
  const link = visit.link + 1;
  const effects: VisitEffect[] = [{ e: "open-link", link, url: visit.target.url }];
  let { crossing } = visit;
  if (crossing?.heading === "going") {
    crossing = { ...crossing, attempts: crossing.attempts + 1 };
    effects.push(crossingEffect(crossing, crossing.attempts === 1 ? "presenting" : "in-transit"));
  }
  const link0 = {
    link,
    isLinkOpen: false,
    nonce: undefined,
    challenge: undefined,
    hasWelcome: false,
    hasSnapshot: false,
    seq: 0,
    tick: 0,
    ackedTick: 0,
  };
  return go(visit, "opening", nowMs, { ...link0, crossing, retryAfterMs: 0 }, ...effects);
}

function greet(visit: Visit, { nonce }: On<"link-open">, nowMs: number): Next {
  const { versions, traveller, name, crossing } = visit;
  const passport = crossing?.heading === "going" ? { passport: crossing.held.passport } : {};
  const hello: ClientMessage = { t: "hello", versions, traveller, name, nonce, ...passport };
  return go(visit, "greeting", nowMs, { isLinkOpen: true, nonce, heardMs: nowMs }, send(visit, hello));
}

function challenged(visit: Visit, { message }: Said<"challenge">, nowMs: number): Next {
  if (!visit.versions.includes(message.version)) {
    return giveUp(visit, fault("unsupported-version", "world", `the world chose version ${message.version}`), nowMs);
  }
  if (visit.target.world !== undefined && visit.target.world !== message.world) {
    return distrust(visit, fault("bad-proof", "world", "another world answers at this address"), nowMs);
  }
  const { link, crossing } = visit;
  const passport = crossing?.heading === "going" ? { passport: crossing.held.passport } : {};
  const nonce = visit.nonce as Uint8Array;
  return go(visit, "signing", nowMs, { challenge: message }, { e: "sign", link, challenge: message, nonce, ...passport });
}

/** The world is not who it should be. A passport in hand is kept for the right one; without one the visit ends. */
function distrust(visit: Visit, why: Fault, nowMs: number): Next {
  return visit.crossing === undefined && visit.substrate === undefined ? end(visit, why, nowMs) : giveUp(visit, why, nowMs);
}

function welcomed(visit: Visit, { message }: Said<"welcome">, nowMs: number): Next {
  return settle({ ...visit, hasWelcome: true }, nowMs, { e: "deliver", message });
}

/** Live once there are both a welcome and a snapshot. */
function settle(visit: Visit, nowMs: number, ...effects: VisitEffect[]): Next {
  if (!visit.hasWelcome || !visit.hasSnapshot) return go(visit, "syncing", visit.enteredMs, {}, ...effects);
  const { crossing } = visit;
  if (crossing !== undefined) {
    effects.push(crossingEffect(crossing, crossing.heading === "going" ? "arrived" : "returned"));
    effects.push({ e: "drop-passport", transfer: crossing.held.transfer });
  }
  const calm = { ghost: undefined, crossing: undefined, failures: 0, follows: 0 };
  const pingN = (visit.pingN + 1) >>> 0;
  return go(visit, "live", nowMs, { ...calm, pingedMs: nowMs, pingN }, ...effects, send(visit, { t: "ping", n: pingN }));
}

function takenIn(visit: Visit, { tick }: On<"snapshot">, nowMs: number): Next {
  return acknowledge({ ...visit, tick }, nowMs);
}

/** What was too soon to acknowledge is acknowledged with whatever is heard next: a world that waits for it sends no more snapshots. */
function acknowledge(visit: Visit, nowMs: number): Next {
  const { tick, ackedTick, ackedMs } = visit;
  if (tick === ackedTick || nowMs - ackedMs < TIMES.ackMs) return stay(visit);
  return stay({ ...visit, ackedTick: tick, ackedMs: nowMs }, send(visit, { t: "ack", tick }));
}

function act(visit: Visit, { intent }: On<"intent">): Next {
  const seq = visit.seq + 1;
  return stay({ ...visit, seq }, send(visit, { t: "intent", seq, intent }));
}

function refuseIntent(visit: Visit, { intent }: On<"intent">): Next {
  const why = fault("out-of-order", "client", "nobody is there to act on it: one may look and walk until the world answers", 0);
  return stay(visit, { e: "refused", intent, fault: why });
}

function departed(visit: Visit, { message }: Said<"transfer">, nowMs: number): Next {
  const { crossing } = visit;
  if (crossing?.heading === "back") return recall(visit, message.id, nowMs);
  const origin: Target = visit.challenge === undefined ? visit.target : { url: visit.target.url, world: visit.challenge.world };
  const passport = `${message.passport}.${encodeBase64url(message.signature)}`;
  const held = { transfer: message.id, destination: message.destination, passport, origin };
  const going: Crossing = { held, heading: "going", attempts: 0, refusal: undefined, fault: undefined };
  return go(visit, "holding", nowMs, { crossing: going }, { e: "keep-passport", held }, crossingEffect(going, "holding"));
}

function depart(visit: Visit, { transfer }: On<"passport-kept">, nowMs: number): Next {
  const { crossing } = visit;
  if (crossing === undefined || crossing.held.transfer !== transfer) return stay(visit);
  const onward = { ...visit, target: destinationOf(crossing.held.destination), failures: 0 };
  if (!visit.isLinkOpen) return open(onward, nowMs);
  return close(onward, nowMs, send(visit, { t: "held", transfer }));
}

/** At the origin and in transit: hand over the refusal, if there is one, and ask to stay. */
function recall(visit: Visit, transfer: string, nowMs: number): Next {
  const refusal = visit.crossing?.refusal;
  const relayed = refusal === undefined ? [] : [send(visit, { t: "relay", message: refusal })];
  return go(visit, "recalling", nowMs, {}, ...relayed, send(visit, { t: "stay", transfer }));
}

function turnBack(visit: Visit, why: Fault | undefined, refusal: string | undefined, nowMs: number): Next {
  const { crossing } = visit;
  // Once the destination has sent its manifest it has admitted the traveller: there is nothing left to turn back from.
  if (crossing === undefined || crossing.heading === "back" || visit.step === "loading" || visit.step === "syncing") return stay(visit);
  const back: Crossing = { ...crossing, heading: "back", fault: why, refusal };
  const homeward = { ...visit, crossing: back, target: crossing.held.origin, failures: 0 };
  if (visit.step === "holding" && visit.isLinkOpen) return recall(homeward, crossing.held.transfer, nowMs);
  if (visit.step === "waiting" || visit.step === "holding") return open(homeward, nowMs);
  return visit.step === "closing" ? stay(homeward) : close(homeward, nowMs, crossingEffect(back, "in-transit"));
}

function begin(visit: Visit, { message }: Said<"manifest">, nowMs: number): Next {
  const load: VisitEffect = { e: "load-substrate", root: message.substrate, manifest: message };
  return go(visit, "loading", nowMs, { manifest: message, hasWelcome: false, hasSnapshot: false, pingedMs: nowMs }, load);
}

function loaded(visit: Visit, { root }: On<"substrate-ready">, nowMs: number): Next {
  if (root !== visit.manifest?.substrate) return stay(visit);
  return go(visit, "syncing", nowMs, { substrate: root, heardMs: nowMs }, send(visit, { t: "ready", substrate: root }));
}

function pong(visit: Visit, { message }: Said<"pong">, nowMs: number): Next {
  return stay(message.n === visit.pingN ? { ...visit, rttMs: nowMs - visit.pingedMs } : visit, { e: "deliver", message });
}

const RETRY: ReadonlySet<string> = new Set(["busy", "shutting-down", "too-slow", "too-fast", "internal", "in-transit", "unknown-key"]);

function rejected(visit: Visit, { message }: Said<"reject">, nowMs: number): Next {
  const why = message.fault;
  if (!message.final) return stay(visit, { e: "deliver", message });
  if (why.code === "away" && message.destination !== undefined) return follow(visit, destinationOf(message.destination), why, nowMs);
  if (RETRY.has(why.code)) return giveUp({ ...visit, retryAfterMs: why.retryAfterMs }, why, nowMs);
  const isPresenting = visit.crossing?.heading === "going" && why.code !== "replaced";
  return isPresenting ? turnBack(visit, why, message.refusal, nowMs) : end(visit, why, nowMs);
}

/** The traveller is in another world already: go there, by key alone. */
function follow(visit: Visit, target: Target, why: Fault, nowMs: number): Next {
  if (visit.follows >= LIMITS.follows) return end(visit, why, nowMs);
  const { crossing } = visit;
  const over: VisitEffect[] =
    crossing === undefined
      ? []
      : [crossingEffect(crossing, "arrived", undefined), { e: "drop-passport", transfer: crossing.held.transfer }];
  return close({ ...visit, target, crossing: undefined, follows: visit.follows + 1, failures: 0 }, nowMs, ...over);
}

/** Closes the link; another is opened when it is closed: at once without failures, else after a while. */
function close(visit: Visit, nowMs: number, ...effects: VisitEffect[]): Next {
  return go(visit, "closing", nowMs, { isLinkOpen: false }, ...effects, { e: "close-link", link: visit.link });
}

function giveUp(visit: Visit, why: Fault, nowMs: number): Next {
  return close(failed(visit, why), nowMs);
}

/** One more failure; with a substrate to walk in the visit turns ghost. */
function failed(visit: Visit, why: Fault): Visit {
  const isNewGhost = visit.substrate !== undefined && visit.ghost === undefined;
  return { ...visit, failures: visit.failures + 1, ghost: isNewGhost ? { sinceMs: visit.heardMs, reason: why } : visit.ghost };
}

function retire(visit: Visit, jitter: number, nowMs: number): Next {
  if (visit.failures === 0) return open(visit, nowMs);
  const waitMs = Math.max(visit.retryAfterMs, backoffMs(visit.failures, jitter));
  return go(visit, "waiting", nowMs, { isLinkOpen: false, retryMs: nowMs + waitMs });
}

function lost(visit: Visit, { jitter }: On<"link-closed">, nowMs: number): Next {
  return retire(failed(visit, fault("too-slow", "link", "the link to the world is lost", 0)), jitter, nowMs);
}

function end(visit: Visit, why: Fault | undefined, nowMs: number): Next {
  const effects: VisitEffect[] = [];
  if (visit.isLinkOpen && why === undefined) effects.push(send(visit, { t: "bye" }));
  if (visit.step !== "waiting" && visit.step !== "closing") effects.push({ e: "close-link", link: visit.link });
  effects.push(why === undefined ? { e: "ended" } : { e: "ended", fault: why });
  return go(visit, "closed", nowMs, { isLinkOpen: false }, ...effects);
}

function woken(visit: Visit, _: On<"wake">, nowMs: number): Next {
  if (nowMs < deadlineOf(visit)) {
    if (!isPinging(visit) || nowMs < visit.pingedMs + TIMES.pingMs) return stay(visit);
    const pingN = (visit.pingN + 1) >>> 0;
    return stay({ ...visit, pingN, pingedMs: nowMs }, send(visit, { t: "ping", n: pingN }));
  }
  if (visit.step === "waiting") return open(visit, nowMs);
  if (visit.step === "closing") return retire(visit, 0.5, nowMs);
  const silent = fault("too-slow", "world", `nothing heard while ${visit.step}`, 0);
  if (visit.step === "live") return go(visit, "hushed", nowMs, { ghost: { sinceMs: visit.heardMs, reason: silent } });
  return giveUp(visit, silent, nowMs);
}

// The table.

const deliver: VisitRow["run"] = (visit: Visit, input: Said<"notice">) => stay(visit, { e: "deliver", message: input.message });
const ignore: VisitRow["run"] = (visit: Visit) => stay(visit);
const outOfOrder: VisitRow["run"] = (visit: Visit, input: VisitInput, nowMs: number) => {
  const what = input.i === "message" ? input.message.t : input.i;
  return giveUp(visit, fault("out-of-order", "world", `${what} while ${visit.step}`), nowMs);
};

function here(run: VisitRow["run"], step: VisitStep): VisitRow {
  return { to: [step], run };
}

/** Where asking to stay may lead: it means something only with a passport in hand that no world has taken yet. */
const STAY_TO: { readonly [step in VisitStep]?: readonly VisitStep[] } = {
  opening: ["closing"],
  greeting: ["closing"],
  signing: ["closing"],
  proving: ["closing"],
  holding: ["recalling", "opening"],
  waiting: ["opening"],
};

/** Rows of every step in which somebody may still want to leave, stay or act in vain. */
function anyStep(step: VisitStep): { [event: string]: VisitRow } {
  return {
    leave: row(["closed"], (visit: Visit, _: On<"leave">, nowMs) => end(visit, undefined, nowMs)),
    stay: row([step, ...(STAY_TO[step] ?? [])], (visit: Visit, _: On<"stay">, nowMs) => turnBack(visit, undefined, undefined, nowMs)),
    intent: here(refuseIntent as VisitRow["run"], step),
  };
}

/** Rows of every step with an open link. */
function linked(step: VisitStep): { [event: string]: VisitRow } {
  return {
    ...anyStep(step),
    "link-closed": row(["waiting"], lost),
    "bad-frame": row(["closing"], (visit: Visit, input: On<"bad-frame">, nowMs) => giveUp(visit, input.fault, nowMs)),
    "out of order": { to: ["closing"], run: outOfOrder },
    reject: row([step, "closing", "closed"], rejected),
    notice: here(deliver, step),
    crossing: here(deliver, step),
    wake: row([step, "closing"], woken),
  };
}

const PLAYING: { readonly [event: string]: VisitRow } = {
  ...linked("live"),
  snapshot: row(["live"], takenIn),
  own: row(["live"], (visit: Visit, _: On<"own">, nowMs) => acknowledge(visit, nowMs)),
  intent: row(["live"], act),
  move: row(["live"], (visit: Visit, { move }: On<"move">) => stay(visit, { e: "send-move", link: visit.link, move })),
  welcome: here(deliver, "live"),
  items: here(deliver, "live"),
  substrate: here(deliver, "live"),
  pong: row(["live"], pong),
  transfer: row(["holding"], departed),
  wake: row(["live", "hushed"], woken),
};

/** Whatever is heard ends the silence, and then counts as it does when live. */
function hushed(): { [event: string]: VisitRow } {
  const rows: { [event: string]: VisitRow } = {};
  for (const event of ["snapshot", "own", "welcome", "items", "substrate", "pong", "notice", "crossing", "transfer", "reject"]) {
    const { to, run } = PLAYING[event] as VisitRow;
    rows[event] = { to, run: (visit, input, nowMs) => run({ ...visit, step: "live", ghost: undefined }, input, nowMs) };
  }
  return { ...linked("hushed"), ...rows };
}

export const VISIT_TABLE: Table<Visit, VisitEffect> & { readonly [step in VisitStep]: { readonly [event: string]: VisitRow } } = {
  opening: {
    ...anyStep("opening"),
    "link-open": row(["greeting"], greet),
    "link-closed": row(["waiting"], lost),
    wake: row(["opening", "closing"], woken),
  },
  greeting: { ...linked("greeting"), challenge: row(["signing", "closing", "closed"], challenged) },
  signing: {
    ...linked("signing"),
    "proof-ready": row(["proving"], (visit: Visit, { signature }: On<"proof-ready">, nowMs) =>
      go(visit, "proving", nowMs, {}, send(visit, { t: "prove", signature })),
    ),
    "proof-failed": row(["closing", "closed"], (visit: Visit, input: On<"proof-failed">, nowMs) => distrust(visit, input.fault, nowMs)),
  },
  proving: { ...linked("proving"), manifest: row(["loading"], begin), transfer: row(["holding", "recalling"], departed) },
  loading: {
    ...linked("loading"),
    pong: row(["loading"], pong),
    "substrate-ready": row(["loading", "syncing"], loaded),
    "substrate-failed": row(["loading", "closing"], (visit: Visit, input: On<"substrate-failed">, nowMs) =>
      input.root === visit.manifest?.substrate ? giveUp(visit, input.fault, nowMs) : stay(visit),
    ),
  },
  syncing: {
    ...linked("syncing"),
    welcome: row(["syncing", "live"], welcomed),
    snapshot: row(["syncing", "live"], (visit: Visit, _: On<"snapshot">, nowMs) => settle({ ...visit, hasSnapshot: true }, nowMs)),
    own: here(ignore, "syncing"),
    items: here(deliver, "syncing"),
    substrate: here(deliver, "syncing"),
    pong: row(["syncing"], pong),
    transfer: row(["holding", "recalling"], departed),
  },
  live: PLAYING,
  hushed: hushed(),
  holding: {
    ...linked("holding"),
    "link-closed": row(["holding"], (visit: Visit) => stay({ ...visit, isLinkOpen: false })),
    "passport-kept": row(["holding", "closing", "opening"], depart),
    snapshot: here(ignore, "holding"),
    own: here(ignore, "holding"),
    items: here(ignore, "holding"),
    substrate: here(ignore, "holding"),
    pong: row(["holding"], pong),
    transfer: here(ignore, "holding"),
  },
  recalling: {
    ...linked("recalling"),
    stay: row(["recalling"], (visit: Visit) =>
      stay(visit, send(visit, { t: "stay", transfer: (visit.crossing as Crossing).held.transfer })),
    ),
    manifest: row(["loading"], begin),
    welcome: row(["syncing", "live"], (visit: Visit, input: Said<"welcome">, nowMs) =>
      welcomed({ ...visit, hasSnapshot: false, heardMs: nowMs }, input, nowMs),
    ),
    snapshot: here(ignore, "recalling"),
    own: here(ignore, "recalling"),
    items: here(ignore, "recalling"),
    substrate: here(ignore, "recalling"),
    transfer: here(ignore, "recalling"),
    pong: row(["recalling"], pong),
  },
  closing: {
    ...anyStep("closing"),
    "link-closed": row(["opening", "waiting"], (visit: Visit, { jitter }: On<"link-closed">, nowMs) => retire(visit, jitter, nowMs)),
    wake: row(["closing", "opening", "waiting"], woken),
  },
  waiting: { ...anyStep("waiting"), wake: row(["waiting", "opening"], woken) },
  closed: {},
};
