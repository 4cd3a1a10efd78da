// The shell around each link's session machine: frames in, effects out. What the effects ask for is done here and in admission.ts and
// crossing.ts; when it may be asked for is the machine's business alone.
import { challengeBytes, verifyProof } from "@sojourn/passport";
import {
  decodeClientFrame,
  fault,
  type SessionEffect,
  type SessionInput,
  startSession,
  stepSession,
  wakeAtSession,
} from "@sojourn/protocol";
import { type Link, randomBytes } from "@sojourn/runtime";
import { actOn } from "../kernel/intents.ts";
import { TICK_LIMITS } from "../limits.ts";
import { admit, enterLive, leftBy } from "./admission.ts";
import { type Core, count } from "./core.ts";
import { heardToken, toBorder } from "./crossing.ts";
import { type Guest, newGuest, say } from "./guest.ts";
import { shownKeys } from "./identity.ts";

const NONCE_BYTES = 32;

/** Begins a session on a link that has just opened. */
export function welcomeLink(core: Core, link: Link): Guest {
  const id = Buffer.from(randomBytes(12)).toString("base64url");
  const { state } = startSession({}, core.stage.steadyMs);
  const guest = newGuest(id, link, state, core.stage.steadyMs);
  core.guests.add(guest);
  core.bySession.set(id, guest);
  return guest;
}

/** Works off what one link brought. `liveToo`: also the frames of live sessions, which wait for the tick. */
export function hear(core: Core, guest: Guest, liveToo: boolean): void {
  if (guest.isOver) return;
  // What does not fit into this tick stays in the link's own bounded inbox.
  if (guest.backlog.length < TICK_LIMITS.framesPerLink) {
    const arrived = guest.link.receive();
    if (guest.backlog.length > 0) guest.backlog.push(...arrived);
    else if (arrived.length > 0) guest.backlog = arrived;
  }
  let left = TICK_LIMITS.framesPerLink;
  while (
    left > 0 &&
    guest.backlog.length > 0 &&
    !guest.isOver &&
    guest.closing === undefined &&
    (liveToo || guest.session.step !== "LIVE")
  ) {
    left -= 1;
    const frame = decodeClientFrame(guest.backlog.shift() as Uint8Array);
    feed(core, guest, frame.ok ? { i: "message", message: frame.value } : { i: "bad-frame", fault: frame.fault });
  }
  if (guest.link.fault !== undefined && guest.closing === undefined) feed(core, guest, { i: "bad-frame", fault: guest.link.fault });
  if (guest.link.end !== undefined) feed(core, guest, { i: "link-closed" });
  const wakeAt = wakeAtSession(guest.session);
  if (wakeAt !== undefined && wakeAt <= core.stage.steadyMs) feed(core, guest, { i: "wake" });
}

/** Steps one session and does what it asks. */
export function feed(core: Core, guest: Guest, input: SessionInput): void {
  if (guest.isOver) return;
  const { state, effects } = stepSession(guest.session, input, core.stage.steadyMs);
  // What the living say waits for the tick, whenever it comes.
  if (state.step !== guest.session.step) guest.link.hearAtTicks?.(state.step === "LIVE");
  guest.session = state;
  for (const effect of effects) perform(core, guest, effect);
  if (guest.session.step === "CLOSED" && !guest.isOver) {
    guest.isOver = true;
    guest.closing ??= { code: 1000, reason: "" };
  }
}

function perform(core: Core, guest: Guest, effect: SessionEffect): void {
  switch (effect.e) {
    case "send":
      if (effect.message.t === "reject") count(core, effect.message.fault.code);
      say(guest, effect.message);
      return;
    case "challenge":
      challenge(core, guest, effect);
      return;
    case "check-proof":
      checkProof(core, guest, effect);
      return;
    case "admit":
      admit(core, guest, effect.hello);
      return;
    case "enter":
      enterLive(core, guest);
      return;
    case "act":
      act(core, guest, effect);
      return;
    case "move":
      if (guest.traveller !== undefined) core.stage.avatars.get(guest.traveller)?.moves.put(effect.move);
      return;
    case "ack":
      return;
    case "held":
    case "stay":
      if (guest.traveller !== undefined) toBorder(core, { in: effect.e, traveller: guest.traveller, transfer: effect.transfer });
      return;
    case "relay":
      heardToken(core, effect.message);
      return;
    case "pong":
      say(guest, { t: "pong", n: effect.n, timeMs: core.stage.timeMs });
      return;
    case "left":
      leftBy(core, guest, effect.by);
      return;
    case "close":
      guest.closing ??= { code: 1000, reason: "" };
      return;
  }
}

function challenge(core: Core, guest: Guest, asked: Extract<SessionEffect, { e: "challenge" }>): void {
  const nonce = randomBytes(NONCE_BYTES);
  const { traveller, nonce: clientNonce } = asked.hello;
  const bytes = challengeBytes({ world: core.keys.world, worldNonce: nonce, clientNonce, traveller });
  const signature = core.ed25519.sign(bytes, core.keys.secret);
  const message = {
    t: "challenge",
    version: asked.version,
    world: core.keys.world,
    nonce,
    timeMs: core.stage.timeMs,
    signature,
    ...shownKeys(core.keys),
  } as const;
  feed(core, guest, { i: "challenge-ready", challenge: message });
}

function checkProof(core: Core, guest: Guest, asked: Extract<SessionEffect, { e: "check-proof" }>): void {
  const { hello, challenge: said, signature } = asked;
  const terms = { world: core.keys.world, worldNonce: said.nonce, clientNonce: hello.nonce, passport: hello.passport };
  const proof = verifyProof({ ...terms, traveller: hello.traveller, signature }, core.ed25519);
  feed(core, guest, proof.ok ? { i: "proof-checked" } : { i: "proof-checked", fault: proof.fault });
}

function act(core: Core, guest: Guest, { seq, intent }: Extract<SessionEffect, { e: "act" }>): void {
  const avatar = guest.traveller === undefined ? undefined : core.stage.avatars.get(guest.traveller);
  const why = avatar === undefined ? fault("in-transit", "client", "You are between two worlds.") : actOn(core.stage, avatar, intent);
  guest.ackIntent = seq;
  if (why !== undefined) feed(core, guest, { i: "tell", message: { t: "reject", seq, fault: why, final: false } });
}
