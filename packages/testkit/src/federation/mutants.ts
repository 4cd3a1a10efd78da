// The machines with one rule broken each (R1 … R15 are the rules of custody's design). A mutant is made from outside, by changing what a
// machine is told or what it answers, or how the shell treats its journal, so that the machines themselves carry no switches. The
// simulator must notice every one of them.
import { applyRecord, type Claims, type CustodyEffect, type Decision, type Notary, stepBorder, TIMES } from "@sojourn/protocol";
import type { FaultKind } from "./fault-kinds.ts";
import { KEY_MUTANTS } from "./key-mutants.ts";
import { type Machines, REAL_MACHINES } from "./machines.ts";
import { MEMORY_MUTANTS } from "./memory-mutants.ts";
import { ROGUE_MUTANTS } from "./rogue-mutants.ts";
import { TIER_MUTANTS } from "./tier-mutants.ts";

type StepBorder = typeof stepBorder;
type Step = Parameters<StepBorder>;
type CustodyView = Step[0];
type Context = Step[4];

export interface Mutant {
  readonly rule: string;
  readonly machines: Machines;
  /** Faults that would hide it. */
  readonly without?: readonly FaultKind[];
  /** How long a run is in which it does harm; many short ones find what happens once in a run. */
  readonly transfers?: number;
}

function mutant(rule: string, changes: Partial<Machines>): Mutant {
  return { rule, machines: { ...REAL_MACHINES, ...changes } };
}

/** Answers something else. */
function answering(rule: string, change: (decision: Decision, ...step: Step) => Decision): Mutant {
  return mutant(rule, { stepBorder: (...step) => change(stepBorder(...step), ...step) });
}

/** Is told something else. */
function told(rule: string, change: (...step: Step) => Step): Mutant {
  return mutant(rule, { stepBorder: (...step) => stepBorder(...change(...step)) });
}

function claimsIn(context: Context, token: string): Claims | undefined {
  const read = context.notary.read(token);
  return read.ok ? read.value.claims : undefined;
}

function withNotary(context: Context, changes: Partial<Notary>): Context {
  return { ...context, notary: { ...context.notary, ...changes } };
}

/** Whether a signed message is of this type: its fields are written by name, and nothing nested looks the same. */
function isSaying(token: string, typ: Claims["typ"]): boolean {
  return token.includes(`"typ":"${typ}"`);
}

function isPost(effect: CustodyEffect, ...types: Claims["typ"][]): boolean {
  return effect.e === "post" && types.some((typ) => isSaying(effect.token, typ));
}

function isVerdict(effect: CustodyEffect, typ: "receipt" | "refusal"): boolean {
  return isPost(effect, typ) || effect.e === (typ === "receipt" ? "admitted" : "turned-away");
}

function nowIn(custody: CustodyView, now: Step[3]): number {
  return Math.max(now.wallMs, custody.clockHighWaterMs);
}

/** Ends a departure on no word at all. */
function ending(r: "refund" | "release", transfer: string, custody: CustodyView, now: Step[3]): Pick<Decision, "records"> {
  return { records: [{ r, t: nowIn(custody, now), transfer, proof: "none" }] };
}

/** A departure past its time is taken for over, one way or the other. */
function resolvedByTime(r: "refund" | "release"): Mutant {
  return answering("R4", (decision, custody, _desk, input, now) => {
    if (input.in !== "wake" || decision.records.length > 0) return decision;
    const late = [...custody.out.values()].find((departure) => now.wallMs > departure.exp + TIMES.clockSkewMs);
    return late === undefined ? decision : { ...decision, ...ending(r, late.transfer, custody, now) };
  });
}

function without(rule: string, isDropped: (effect: CustodyEffect) => boolean): Mutant {
  return answering(rule, (decision) => ({ ...decision, effects: decision.effects.filter((effect) => !isDropped(effect)) }));
}

const OUTPUT: { readonly [name: string]: Mutant } = {
  "acts before it persists": mutant("R1", { isHasty: () => true }),
  "sends a passport before the departure is durable": mutant("R1", {
    isHasty: (effect) => effect.e === "tell" && effect.message.t === "transfer",
  }),
  "sends a receipt before the admission is durable": mutant("R1", { isHasty: (effect) => isVerdict(effect, "receipt") }),
  "sends a refusal before the tombstone is durable": mutant("R1", { isHasty: (effect) => isVerdict(effect, "refusal") }),
  "closes before the end is durable": mutant("R1", { isHasty: (effect) => isPost(effect, "close") }),
};

/** An open departure is taken back as an operator would, by nobody's order. */
function overriding(
  when: (departure: { readonly exp: number }, wallMs: number) => boolean,
  change: (decision: Decision) => Decision,
): Mutant {
  return answering("B.6", (decision, custody, desk, input, now, context) => {
    if (input.in !== "wake" || decision.records.length > 0) return decision;
    const late = [...custody.out.values()].find((departure) => when(departure, nowIn(custody, now)));
    if (late === undefined) return decision;
    return change(
      stepBorder(custody, desk, { in: "override", transfer: late.transfer, by: "nobody", why: "time", isEarly: true }, now, context),
    );
  });
}

const OVERRIDE: { readonly [name: string]: Mutant } = {
  "overrides by time alone": overriding(
    ({ exp }, wallMs) => wallMs > exp + 2 * TIMES.clockSkewMs,
    (decision) => decision,
  ),
  "overrides without a record of it": answering("B.6", (decision) => ({
    ...decision,
    records: decision.records.map((record) =>
      record.r === "refund" ? { r: "refund", t: record.t, transfer: record.transfer, proof: "" } : record,
    ),
  })),
  "overrides while the passport is in its time": mutant("B.6", {
    stepBorder: (custody, desk, input, now, context) => {
      if (input.in !== "override") return stepBorder(custody, desk, input, now, context);
      const late = { ...now, wallMs: now.wallMs + 2 * TIMES.passportLifeMs };
      const decision = stepBorder(custody, desk, input, late, context);
      return { ...decision, records: decision.records.map((record) => ({ ...record, t: nowIn(custody, now) })) };
    },
  }),
  "throws away the word that came too late": answering("B.6", (decision) => ({
    ...decision,
    records: decision.records.filter((record) => record.r !== "evidence"),
  })),
  "closes what nobody has answered": told("B.6", (custody, ...rest) => [
    { ...custody, overridden: new Map([...custody.overridden].map(([id, one]) => [id, { ...one, to: "nowhere" }])) },
    ...rest,
  ]),
};

const ORIGIN: { readonly [name: string]: Mutant } = {
  "refunds by time": resolvedByTime("refund"),
  "releases by time": resolvedByTime("release"),
  "refunds when nobody answers": answering("R4", (decision, custody, _desk, input, now) => {
    const silent = input.in !== "unreachable" ? undefined : [...custody.out.values()].find(({ to }) => to === input.world);
    return silent === undefined ? decision : { ...decision, ...ending("refund", silent.transfer, custody, now) };
  }),
  "takes back who reconnects": answering("R10", (decision, custody, _desk, input, now) => {
    const transfer = input.in === "resume" ? custody.residents.get(input.traveller)?.transfer : undefined;
    return transfer === undefined ? decision : { ...decision, ...ending("refund", transfer, custody, now) };
  }),
  "believes any world's refusal": answering("R4", (decision, custody, _desk, input, now, context) => {
    const claims = input.in === "token" ? claimsIn(context, input.token) : undefined;
    if (input.in !== "token" || claims?.typ !== "refusal" || decision.records.length > 0) return decision;
    if (!custody.out.has(claims.transfer) || !context.notary.open(input.token).ok) return decision;
    return { ...decision, ...ending("refund", claims.transfer, custody, now) };
  }),
  "refunds on a receipt": answering("R4", (decision) => ({
    ...decision,
    records: decision.records.map((record) => (record.r === "release" ? { ...record, r: "refund" as const } : record)),
  })),
  "releases on a refusal": answering("R4", (decision) => ({
    ...decision,
    records: decision.records.map((record) => (record.r === "refund" ? { ...record, r: "release" as const } : record)),
  })),
  "keeps items live that left": answering("R2", (decision) => ({
    ...decision,
    records: decision.records.map((record) =>
      record.r === "depart" ? { ...record, items: record.items.slice(0, -1), kept: [...record.kept, ...record.items.slice(-1)] } : record,
    ),
  })),
  "writes a new passport for who resumes": answering("R5", (decision, _custody, _desk, input) =>
    input.in !== "resume"
      ? decision
      : {
          ...decision,
          effects: decision.effects.map((effect) =>
            effect.e === "tell" && effect.message.t === "transfer"
              ? { ...effect, message: { ...effect.message, passport: `${effect.message.passport} ` } }
              : effect,
          ),
        },
  ),
  "gives a number twice": mutant("R3", {
    onRecovered: (custody) => {
      custody.nextDeparture = Math.max(1, custody.nextDeparture - 2);
    },
  }),
  "returns without a higher hop": mutant("R14", {
    applyRecord: (custody, record) => {
      const traveller = record.r === "refund" ? custody.out.get(record.transfer)?.traveller : undefined;
      applyRecord(custody, record);
      const resident = custody.residents.get(traveller ?? "");
      if (resident !== undefined) resident.hop -= 2;
    },
  }),
  "never asks": without("R4", (effect) => isPost(effect, "status", "cancel")),
  "never closes": without("R6", (effect) => isPost(effect, "close")),
};

const DESTINATION: { readonly [name: string]: Mutant } = {
  "refuses without a tombstone": answering("R3", (decision) => ({
    ...decision,
    records: decision.records.filter((record) => record.r !== "refuse"),
  })),
  "forgets what it decided": told("R3", (custody, desk, input, ...rest) => [
    input.in === "present" ? { ...custody, arrivals: new Map(), residents: awayEverybody(custody) } : custody,
    desk,
    input,
    ...rest,
  ]),
  "leaves a cancel without an answer": answering("R3", (decision) =>
    decision.rules.includes("X27") ? { records: [], effects: [], rules: ["X27"] } : decision,
  ),
  "answers otherwise every time": told("R5", (custody, desk, input, now, context) => [
    custody,
    desk,
    input,
    now,
    withNotary(context, {
      sign: (claims) =>
        context.notary.sign(claims.typ === "receipt" || claims.typ === "refusal" ? { ...claims, iat: nowIn(custody, now) } : claims),
    }),
  ]),
  "forgets before the close": mutant("R6", {
    applyRecord: (custody, record) => {
      applyRecord(custody, record);
      if (record.r === "forget") custody.arrivals.clear();
    },
  }),
  "decides below the closed number": told("R6", (custody, ...rest) => [{ ...custody, closedBelow: new Map() }, ...rest]),
  "never forgets": answering("R15", (decision) => ({
    ...decision,
    records: decision.records.filter((record) => record.r !== "forget"),
  })),
  "takes the wall's word for the time": told("R7", (custody, ...rest) => [{ ...custody, clockHighWaterMs: 0 }, ...rest]),
  "admits past the passport's time": mutant("R7", {
    stepBorder: (custody, desk, input, now, context) => {
      if (input.in !== "present") return stepBorder(custody, desk, input, now, context);
      const early = { ...now, wallMs: now.wallMs - TIMES.passportLifeMs };
      const decision = stepBorder({ ...custody, clockHighWaterMs: 0 }, desk, input, early, context);
      return { ...decision, records: decision.records.map((record) => ({ ...record, t: nowIn(custody, now) })) };
    },
  }),
  "admits whom it has banned": told("R3", (custody, desk, input, now, context) => [
    custody,
    desk,
    input,
    now,
    { ...context, policy: { ...context.policy, isBanned: () => undefined } },
  ]),
  "lets anybody present a passport": told("PoP", (custody, desk, input, now, context) => {
    const claims = input.in === "present" ? claimsIn(context, input.passport) : undefined;
    const holder = claims?.typ === "passport" && input.in === "present" ? { ...input, traveller: claims.traveller } : input;
    return [custody, desk, holder, now, context];
  }),
  "looks at no signature": told("keys", (custody, desk, input, now, context) => [
    custody,
    desk,
    input,
    now,
    withNotary(context, { open: (token) => context.notary.read(token) }),
  ]),
  "takes passports made out to others": told("aud", (custody, desk, input, now, context) => {
    if (input.in !== "present") return [custody, desk, input, now, context];
    const mine =
      (read: Notary["read"]): Notary["read"] =>
      (token) => {
        const opened = read(token);
        if (!opened.ok || opened.value.claims.typ !== "passport") return opened;
        return { ok: true, value: { ...opened.value, claims: { ...opened.value.claims, aud: custody.world } } };
      };
    const { read, open } = context.notary;
    return [custody, desk, input, now, withNotary(context, { read: mine(read), open: mine(open) })];
  }),
  "drops what it admitted": answering("offer", (decision) => ({
    ...decision,
    records: decision.records.map((record) => (record.r === "admit" ? { ...record, items: record.items.slice(1) } : record)),
  })),
};

const SHELL: { readonly [name: string]: Mutant } = {
  "restores without the journal's suffix": mutant("R8", { isForgettingSuffix: true }),
  "restores all but one record": mutant("R8", { isSkippingRecord: true }),
  "writes on after a torn end": mutant("R8", { isLeavingTornEnd: true }),
  "goes on after a failed sync": mutant("R12", { isIgnoringFailedSync: true }),
  "goes on with a full disk": mutant("R12", { isIgnoringFullDisk: true }),
  "lets an old process append": mutant("fencing", { isUnfenced: true }),
  "calls authors back before it records": mutant("R13", { isHookingFirst: true }),
  "tells people what is not durable": mutant("R1", { isBlurting: true }),
};

export const MUTANTS: { readonly [name: string]: Mutant } = {
  ...OUTPUT,
  ...ORIGIN,
  ...OVERRIDE,
  ...DESTINATION,
  ...SHELL,
  ...KEY_MUTANTS,
  ...TIER_MUTANTS,
  ...ROGUE_MUTANTS,
  ...MEMORY_MUTANTS,
};

/** Nobody counts as here, so that only the memory of decisions could stand in the way. */
function awayEverybody(custody: CustodyView): CustodyView["residents"] {
  return new Map([...custody.residents].map(([id, resident]) => [id, { ...resident, status: "away" as const, hop: -1 }]));
}
