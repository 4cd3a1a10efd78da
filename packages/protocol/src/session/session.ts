// The world's side of one link: every step and every transition of the machine. What a stranger may say, when and how often, is decided here.
// Law: whatever is out of its order ends the link with a named fault; nothing a client sends can make it anything but a step of this table.
import { type Fault, fault } from "../fault.ts";
import { PROTOCOL_VERSION, RATES, TIMES } from "../limits.ts";
import type { ClientMessage, Manifest, WorldMessage } from "../messages.ts";
import type { Move } from "../snapshot/move.ts";
import { fullBucket, takeToken } from "./bucket.ts";
import type { BucketName, LeftBy, Session, SessionConfig, SessionEffect, SessionInput, SessionStep } from "./session-types.ts";
import { type Outcome, type Row, row, runRow, type Table } from "./table.ts";

type Next = Outcome<Session, SessionEffect>;
type On<I extends SessionInput["i"]> = Extract<SessionInput, { i: I }>;
type Said<T extends ClientMessage["t"] | "move"> = { readonly i: "message"; readonly message: Extract<ClientMessage | Move, { t: T }> };
type SessionRow = Row<Session, SessionEffect>;
type Rejection = Omit<Extract<WorldMessage, { t: "reject" }>, "t" | "fault" | "final">;

/** Begins the world's side of a link that has just opened. `nowMs` is a clock that never steps back. */
export function startSession(config: SessionConfig, nowMs: number): Next {
  return stay({
    step: "AWAIT_HELLO",
    versions: config.versions ?? [PROTOCOL_VERSION],
    hello: undefined,
    challenge: undefined,
    isAdmitted: false,
    root: undefined,
    isReady: false,
    moveSeq: 0,
    intentSeq: 0,
    ackTick: 0,
    enteredMs: nowMs,
    heardMs: nowMs,
    buckets: {
      intents: fullBucket(RATES.intents, nowMs),
      chat: fullBucket(RATES.chat, nowMs),
      transfers: fullBucket(RATES.transfers, nowMs),
      relays: fullBucket(RATES.relays, nowMs),
      others: fullBucket(RATES.others, nowMs),
      tooFast: fullBucket(RATES.tooFast, nowMs),
      excess: fullBucket(RATES.excess, nowMs),
    },
  });
}

/** Takes one input. */
export function stepSession(session: Session, input: SessionInput, nowMs: number): Next {
  const rows = SESSION_TABLE[session.step];
  if (input.i !== "message") {
    const found = rows[input.i];
    return found === undefined ? stay(session) : runRow(found, session, input, nowMs);
  }
  if (session.step === "CLOSED") return stay(session);
  if (input.message.t === "move" && session.step === "LIVE") {
    const walked = walkedOn(session, input.message, nowMs);
    if (walked !== undefined) return walked;
  }
  const found = rows[input.message.t];
  const heard = { ...session, heardMs: nowMs };
  if (found === undefined) return reject(heard, outOfOrder(heard, input.message.t), nowMs);
  const rate = rateOf(input.message);
  return rate === undefined ? runRow(found, heard, input, nowMs) : rated(heard, found, input, rate, nowMs);
}

/** When the session wants `wake`, ms; undefined once it is closed. */
export function wakeAtSession(session: Session): number | undefined {
  return session.step === "CLOSED" ? undefined : deadlineOf(session);
}

function deadlineOf(session: Session): number {
  switch (session.step) {
    case "AWAIT_HELLO":
      return session.enteredMs + TIMES.helloMs;
    case "AWAIT_PROOF":
      return session.enteredMs + TIMES.proofMs;
    case "ADMITTING":
      return session.enteredMs + TIMES.admitMs;
    case "AWAIT_READY":
      return Math.min(session.enteredMs + TIMES.loadingMs, session.heardMs + TIMES.idleMs);
    case "LIVE":
      return session.heardMs + TIMES.idleMs;
    case "DEPARTED":
      return session.enteredMs + TIMES.departedMs;
    case "CLOSED":
      return Number.POSITIVE_INFINITY;
  }
}

// Rates.

function rateOf(message: ClientMessage | Move): readonly BucketName[] | undefined {
  switch (message.t) {
    case "move":
      return ["intents"];
    case "intent":
      return message.intent.kind === "chat"
        ? ["intents", "chat"]
        : message.intent.kind === "cross"
          ? ["intents", "transfers"]
          : ["intents"];
    case "relay":
      return ["relays"];
    case "ack":
    case "ping":
    case "held":
    case "stay":
      return ["others"];
    default:
      return undefined;
  }
}

/** Runs the row if every bucket has a token. If not the message is refused, told or untold; too much of that ends the session. */
function rated(session: Session, found: SessionRow, input: On<"message">, names: readonly BucketName[], nowMs: number): Next {
  let buckets = session.buckets;
  let waitMs = 0;
  for (const name of names) {
    const taken = takeToken(buckets[name], RATES[name], nowMs);
    buckets = { ...buckets, [name]: taken.bucket };
    waitMs = Math.max(waitMs, taken.waitMs);
  }
  if (waitMs === 0) return runRow(found, { ...session, buckets }, input, nowMs);
  const excess = takeToken(buckets.excess, RATES.excess, nowMs);
  const why = fault("too-fast", "client", `${input.message.t}: more than the rate allows`, waitMs);
  const numbered = passedBy({ ...session, buckets: { ...buckets, excess: excess.bucket } }, input.message);
  if (excess.waitMs > 0) return reject(numbered, why, nowMs);
  const telling = takeToken(buckets.tooFast, RATES.tooFast, nowMs);
  if (telling.waitMs > 0) return stay(numbered);
  const told = { ...numbered, buckets: { ...numbered.buckets, tooFast: telling.bucket } };
  const seq = input.message.t === "intent" ? { seq: input.message.seq } : {};
  return stay(told, { e: "send", message: { t: "reject", fault: why, final: false, ...seq } });
}

/** The session after a numbered message that is not acted on: its number is used up all the same. */
function passedBy(session: Session, message: ClientMessage | Move): Session {
  if (message.t === "move") return { ...session, moveSeq: Math.max(session.moveSeq, message.seq) };
  return message.t === "intent" ? { ...session, intentSeq: Math.max(session.intentSeq, message.seq) } : session;
}

// Transitions, in the order of a visit.

function stay(state: Session, ...effects: SessionEffect[]): Next {
  return { state, effects };
}

function go(session: Session, step: SessionStep, nowMs: number, changes: Partial<Session>, ...effects: SessionEffect[]): Next {
  return { state: { ...session, ...changes, step, enteredMs: nowMs }, effects };
}

function outOfOrder(session: Session, what: string): Fault {
  return fault("out-of-order", "client", `${what} in ${session.step}`);
}

/** Says why, for the last time, and closes. */
function reject(session: Session, why: Fault, nowMs: number, more: Rejection = {}): Next {
  const by: LeftBy = why.code === "replaced" ? "replaced" : session.step === "DEPARTED" ? "departed" : "ended";
  return close(session, by, nowMs, { e: "send", message: { t: "reject", fault: why, final: true, ...more } }, { e: "close" });
}

function close(session: Session, by: LeftBy, nowMs: number, ...effects: SessionEffect[]): Next {
  const left: SessionEffect[] = session.isAdmitted ? [{ e: "left", by }] : [];
  return go(session, "CLOSED", nowMs, { isAdmitted: false }, ...effects, ...left);
}

function greeted(session: Session, { message }: Said<"hello">, nowMs: number): Next {
  const common = message.versions.filter((version) => session.versions.includes(version));
  if (common.length === 0) {
    const why = fault("unsupported-version", "client", `this world speaks version ${session.versions.join(", ")}`);
    return reject(session, why, nowMs);
  }
  return go(session, "AWAIT_PROOF", nowMs, { hello: message }, { e: "challenge", hello: message, version: Math.max(...common) });
}

function challenge(session: Session, input: On<"challenge-ready">, nowMs: number): Next {
  if (session.challenge !== undefined) return stay(session);
  return go(session, "AWAIT_PROOF", nowMs, { challenge: input.challenge }, { e: "send", message: input.challenge });
}

function proven(session: Session, { message }: Said<"prove">, nowMs: number): Next {
  const { hello, challenge: asked } = session;
  if (hello === undefined || asked === undefined) return reject(session, outOfOrder(session, "prove before the challenge"), nowMs);
  return go(session, "ADMITTING", nowMs, {}, { e: "check-proof", hello, challenge: asked, signature: message.signature });
}

function checked(session: Session, input: On<"proof-checked">, nowMs: number): Next {
  if (input.fault !== undefined) return reject(session, input.fault, nowMs);
  return stay({ ...session, enteredMs: nowMs }, { e: "admit", hello: session.hello as NonNullable<Session["hello"]> });
}

function present(session: Session, manifest: Manifest, nowMs: number): Next {
  const admitted = { isAdmitted: true, root: manifest.substrate };
  return go(session, "AWAIT_READY", nowMs, admitted, { e: "send", message: { t: "manifest", ...manifest } });
}

function refused(session: Session, input: On<"refused">, nowMs: number): Next {
  const { destination, refusal } = input;
  return reject(session, input.fault, nowMs, {
    ...(destination === undefined ? {} : { destination }),
    ...(refusal === undefined ? {} : { refusal }),
  });
}

function ready(session: Session, { message }: Said<"ready">, nowMs: number): Next {
  if (message.substrate !== session.root) return reject(session, outOfOrder(session, "ready with another substrate"), nowMs);
  return go(session, "LIVE", nowMs, { isReady: true }, { e: "enter" });
}

function act(session: Session, { message }: Said<"intent">, nowMs: number): Next {
  if (message.seq <= session.intentSeq) return reject(session, outOfOrder(session, `intent ${message.seq} again`), nowMs);
  return stay({ ...session, intentSeq: message.seq }, { e: "act", seq: message.seq, intent: message.intent });
}

function move(session: Session, { message }: Said<"move">, nowMs: number): Next {
  if (message.seq <= session.moveSeq) return reject(session, outOfOrder(session, `move ${message.seq} again`), nowMs);
  return stay({ ...session, moveSeq: message.seq }, { e: "move", move: message });
}

/** What nearly every message is, in one go: a move in its order and within the rate. Comes to the same as the rows. */
function walkedOn(session: Session, message: Move, nowMs: number): Next | undefined {
  if (message.seq <= session.moveSeq) return undefined;
  const taken = takeToken(session.buckets.intents, RATES.intents, nowMs);
  if (taken.waitMs > 0) return undefined;
  const buckets = { ...session.buckets, intents: taken.bucket };
  return stay({ ...session, heardMs: nowMs, buckets, moveSeq: message.seq }, { e: "move", move: message });
}

function acknowledged(session: Session, { message }: Said<"ack">): Next {
  return stay({ ...session, ackTick: Math.max(session.ackTick, message.tick) }, { e: "ack", tick: message.tick });
}

function departed(session: Session, { transfer }: On<"departed">, nowMs: number): Next {
  return go(session, "DEPARTED", nowMs, { isAdmitted: true }, { e: "send", message: transfer });
}

/** One who was live on this link goes on at once; one who came back by another link is shown the world first. */
function returned(session: Session, { manifest }: On<"returned">, nowMs: number): Next {
  return session.isReady ? go(session, "LIVE", nowMs, { heardMs: nowMs }, { e: "enter" }) : present(session, manifest, nowMs);
}

function gone(session: Session, { destination }: On<"gone">, nowMs: number): Next {
  return reject(session, fault("away", "client", `gone to ${destination.name}`), nowMs, { destination });
}

const TOLD: { readonly [step: string]: readonly WorldMessage["t"][] } = {
  ADMITTING: ["notice", "crossing"],
  AWAIT_READY: ["notice", "crossing", "reject", "pong"],
  LIVE: ["welcome", "items", "substrate", "notice", "crossing", "reject", "pong"],
  DEPARTED: ["notice", "crossing", "reject", "pong"],
};

function tell(session: Session, { message }: On<"tell">): Next {
  const isHeard = TOLD[session.step]?.includes(message.t) === true && !(message.t === "reject" && message.final);
  return isHeard ? stay(session, { e: "send", message }) : stay(session);
}

function woken(session: Session, _: On<"wake">, nowMs: number): Next {
  if (nowMs < deadlineOf(session)) return stay(session);
  const isOurs = session.step === "ADMITTING" || (session.step === "AWAIT_PROOF" && session.challenge === undefined);
  if (isOurs) return reject(session, fault("busy", "world", "the world could not decide in time", TIMES.retryMaxMs), nowMs);
  return reject(session, fault("too-slow", "client", `nothing came in time in ${session.step}`), nowMs);
}

// The table.

const endRow: SessionRow = row(["CLOSED"], (session: Session, input: On<"end">, nowMs) => reject(session, input.fault, nowMs));
const pongRow = (step: SessionStep): SessionRow =>
  row([step], (session: Session, { message }: Said<"ping">) => stay(session, { e: "pong", n: message.n }));

/** Rows of every step with an open link. */
function linked(step: SessionStep): { readonly [event: string]: SessionRow } {
  return {
    "bad-frame": endRow,
    end: endRow,
    "link-closed": row(["CLOSED"], (session: Session, _: On<"link-closed">, nowMs) =>
      close(session, step === "DEPARTED" ? "departed" : "lost", nowMs),
    ),
    bye: row(["CLOSED"], (session: Session, _: Said<"bye">, nowMs) =>
      close(session, step === "DEPARTED" ? "departed" : "bye", nowMs, { e: "close" }),
    ),
    tell: row([step], tell),
    wake: row([step, "CLOSED"], woken),
  };
}

/** What one may say of a crossing. Custody decides what it is worth. */
function aboutCrossing(step: SessionStep): { readonly [event: string]: SessionRow } {
  return {
    held: row([step], (session: Session, { message }: Said<"held">) => stay(session, { e: "held", transfer: message.transfer })),
    stay: row([step], (session: Session, { message }: Said<"stay">) => stay(session, { e: "stay", transfer: message.transfer })),
    relay: row([step], (session: Session, { message }: Said<"relay">) => stay(session, { e: "relay", message: message.message })),
    ping: pongRow(step),
  };
}

/** Sent before the transfer was heard of: late, not wrong. */
const late: SessionRow = row(["DEPARTED"], (session: Session, { message }: On<"message">) => stay(passedBy(session, message)));

export const SESSION_TABLE: Table<Session, SessionEffect> & { readonly [step in SessionStep]: { readonly [event: string]: SessionRow } } = {
  AWAIT_HELLO: { ...linked("AWAIT_HELLO"), hello: row(["AWAIT_PROOF", "CLOSED"], greeted) },
  AWAIT_PROOF: {
    ...linked("AWAIT_PROOF"),
    "challenge-ready": row(["AWAIT_PROOF"], challenge),
    prove: row(["ADMITTING", "CLOSED"], proven),
  },
  ADMITTING: {
    ...linked("ADMITTING"),
    "proof-checked": row(["ADMITTING", "CLOSED"], checked),
    admitted: row(["AWAIT_READY"], (session: Session, input: On<"admitted">, nowMs) => present(session, input.manifest, nowMs)),
    departed: row(["DEPARTED"], departed),
    refused: row(["CLOSED"], refused),
  },
  // What one said of a crossing just before one heard that one is back is late, not wrong.
  AWAIT_READY: { ...linked("AWAIT_READY"), ...aboutCrossing("AWAIT_READY"), ready: row(["LIVE", "CLOSED"], ready) },
  LIVE: {
    ...linked("LIVE"),
    ...aboutCrossing("LIVE"),
    intent: row(["LIVE", "CLOSED"], act),
    move: row(["LIVE", "CLOSED"], move),
    ack: row(["LIVE"], acknowledged),
    departed: row(["DEPARTED"], departed),
  },
  DEPARTED: {
    ...linked("DEPARTED"),
    ...aboutCrossing("DEPARTED"),
    intent: late,
    move: late,
    ack: late,
    returned: row(["LIVE", "AWAIT_READY"], returned),
    gone: row(["CLOSED"], gone),
  },
  CLOSED: {},
};
