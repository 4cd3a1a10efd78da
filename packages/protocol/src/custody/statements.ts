// How worlds come to know each other's keys: a statement of a higher version is kept by record and acknowledged, an older or another one
// never; a world tells its own to every peer until each has said that it knows it. All of it is in this file.
import { type Fault, fault } from "../fault.ts";
import type { WorldId } from "../ids.ts";
import { CUSTODY } from "../limits.ts";
import { type BorderContext, type CustodyEffect, type Decision, type Heard, type Moment, NOTHING, turnDown } from "./border.ts";
import type { KeyStatement, Noted } from "./claims.ts";
import type { Custody, KnownKeys } from "./custody.ts";
import { type Border, borderAt, type Desk, mayState } from "./desk.ts";
import { compareStatement, unlessSaid, whyNotStatement } from "./keys.ts";
import type { KeysRecord } from "./records.ts";

/** How often the peers are looked over for one that was pinned meanwhile. */
const LOOK_MS = 5_000;

export type KeysInput =
  /** The operator's new statement of this world's own keys. */
  | { readonly in: "keys"; readonly token: string }
  /** This peer does not know the key of what was posted to it. */
  | { readonly in: "puzzled"; readonly world: WorldId }
  | Heard
  | { readonly in: "wake" };

/** Pure but for `desk`, which it changes in place: reads custody, answers with records and effects. */
export function stepKeys(custody: Custody, desk: Desk, input: KeysInput, now: Moment, context: BorderContext): Decision {
  const border = borderAt(custody, desk, now, context);
  switch (input.in) {
    case "keys":
      return rotate(border, input.token);
    case "puzzled":
      return tellAgain(border, input.world);
    case "heard":
      return hear(border, input);
    case "wake":
      return tellPeers(border);
  }
}

function hear(border: Border, heard: Heard): Decision {
  const { claims } = heard.opened;
  if (claims.typ === "keys") return hearStatement(border, heard, claims);
  if (claims.typ === "noted") return hearNoted(border, heard, claims);
  throw new Error(`a ${claims.typ} is not about keys`);
}

function hearStatement(border: Border, { token }: Heard, statement: KeyStatement): Decision {
  const { custody, context, world } = border;
  const { iss, version } = statement;
  const known = custody.keys.get(iss);
  if (iss === world) return hearOwn(known, statement, token);
  if (!context.peers.has(iss)) return turnDown("P11", fault("unknown-origin", "peer", "That world is not known here."));
  const standing = compareStatement(known, statement, token);
  if (standing === "same") return { ...NOTHING, effects: [noted(border, iss, version)], rules: ["P11"] };
  const against = whyNotGenuine(border, token, statement);
  if (against !== undefined) return turnDown("P11", against);
  if (standing !== "newer") {
    const effects = known === undefined ? [] : [post(iss, known.token)];
    return { ...turnDown("P11", stale(standing)), effects };
  }
  if (!mayState(border, iss)) return turnDown("P11", fault("too-fast", "peer", "A world's keys do not change that often.", 10_000));
  return { records: [recordOf(border, statement, token)], effects: [noted(border, iss, version)], rules: ["P10"] };
}

function stale(standing: "older" | "other"): Fault {
  const says = {
    older: "A newer statement of that world's keys is known here.",
    other: "Another statement of that world's keys with the same version is known here; it stands.",
  };
  return fault("stale-keys", "peer", says[standing]);
}

/** This world's own statement, brought by somebody. One that is ahead of the journal says that the data folder was rolled back. */
function hearOwn(known: KnownKeys | undefined, statement: KeyStatement, token: string): Decision {
  const standing = compareStatement(known, statement, token);
  if (standing === "same" || standing === "older") return { ...NOTHING, rules: ["P11"] };
  return turnDown(
    "P11",
    fault("stale-keys", "world", "Others know another statement of this world's keys than the one in its data folder."),
  );
}

/** A statement is signed by the identity key itself (that its header says so was seen when it was read). */
function whyNotGenuine(border: Border, token: string, statement: KeyStatement): Fault | undefined {
  if (!border.context.notary.open(token).ok) return fault("forged", "peer", "The signature does not verify.");
  return whyNotStatement(statement);
}

function recordOf({ nowMs: t }: Border, { iss: world, version, keys }: KeyStatement, token: string): KeysRecord {
  return { r: "keys", t, world, version, token, keys };
}

/** The operator has another statement: it is a record before anything is signed by the keys it names. */
function rotate(border: Border, token: string): Decision {
  const { custody, desk, context, world } = border;
  const read = context.notary.read(token);
  if (!read.ok) return turnDown("P14", read.fault);
  const { claims } = read.value;
  if (claims.typ !== "keys" || claims.iss !== world)
    return turnDown("P14", fault("foreign", "client", "This is no statement of this world's keys."));
  const against = whyNotGenuine(border, token, claims);
  if (against !== undefined) return turnDown("P14", against);
  const standing = compareStatement(custody.keys.get(world), claims, token);
  if (standing === "same") return { ...NOTHING, rules: ["P14"] };
  if (standing !== "newer") return turnDown("P14", fault("stale-keys", "client", stale(standing).detail));
  desk.noted.clear();
  desk.tellings.clear();
  desk.tellMs = border.steadyMs;
  return { records: [recordOf(border, claims, token)], effects: [], rules: ["P14"] };
}

function hearNoted(border: Border, heard: Heard, { iss, aud, version }: Noted): Decision {
  const { custody, context, desk, world } = border;
  if (aud !== world) return turnDown("P14", fault("foreign", "peer", "This message is for another world."));
  if (!context.peers.has(iss)) return turnDown("P14", fault("unknown-origin", "peer", "That world is not known here."));
  if (version !== custody.keys.get(world)?.version) return { ...NOTHING, rules: ["P14"] };
  const not = unlessSaid(border, "P14", heard.token, heard.opened);
  if (not !== undefined) return not;
  desk.noted.set(iss, version);
  desk.tellings.delete(iss);
  return { ...NOTHING, rules: ["P14"] };
}

/** Tells every peer that has not said that it knows this world's statement, each at its own pace. */
function tellPeers(border: Border): Decision {
  const { custody, desk, context, world, steadyMs } = border;
  if (steadyMs < desk.tellMs) return NOTHING;
  const own = custody.keys.get(world);
  desk.tellMs = own === undefined ? Number.POSITIVE_INFINITY : steadyMs + LOOK_MS;
  if (own === undefined) return NOTHING;
  const effects: CustodyEffect[] = [];
  for (const peer of context.peers.keys()) {
    if (peer === world || desk.noted.get(peer) === own.version) continue;
    if (steadyMs >= (desk.tellings.get(peer)?.nextMs ?? 0)) effects.push(tell(border, peer, own));
    desk.tellMs = Math.min(desk.tellMs, desk.tellings.get(peer)?.nextMs ?? steadyMs);
  }
  return effects.length === 0 ? NOTHING : { records: [], effects, rules: ["P14"] };
}

function tell({ desk, steadyMs }: Border, peer: WorldId, own: KnownKeys): CustodyEffect {
  const tries = desk.tellings.get(peer)?.tries ?? 0;
  const delays: readonly number[] = CUSTODY.statementMs;
  const nextMs = steadyMs + (delays[Math.min(tries, delays.length - 1)] ?? 0);
  desk.tellings.set(peer, { nextMs, tries: tries + 1 });
  return post(peer, own.token, false);
}

/** A peer cannot place this world's key: it is told again, whatever it said before, but no faster than any other. */
function tellAgain(border: Border, peer: WorldId): Decision {
  const { custody, desk, context, world } = border;
  const own = custody.keys.get(world);
  if (own === undefined || !context.peers.has(peer)) return NOTHING;
  desk.noted.delete(peer);
  const isDue = border.steadyMs >= (desk.tellings.get(peer)?.nextMs ?? 0);
  const effects = isDue ? [tell(border, peer, own)] : [];
  desk.tellMs = Math.min(desk.tellMs, desk.tellings.get(peer)?.nextMs ?? border.steadyMs);
  return { records: [], effects, rules: ["P14"] };
}

function noted(border: Border, to: WorldId, version: number): CustodyEffect {
  return post(to, border.context.notary.sign({ typ: "noted", iss: border.world, aud: to, iat: border.nowMs, version }));
}

function post(to: WorldId, token: string, reply = true): CustodyEffect {
  return { e: "post", to, token, reply };
}
