// The operator's override of one departure: by the running world when there is one, else in the closed world's journal, under its lock.
import { type BorderContext, fail, ok, openDesk, type Result, stepBorder } from "@sojourn/protocol";
import { JournalFailure, systemClock } from "@sojourn/runtime";
import { worldKeys } from "../authority/identity.ts";
import { peerMap, readPeers } from "../authority/peers.ts";
import { Ledger, openJournal } from "../kernel/ledger.ts";
import { type Order, placeOrder } from "./orders.ts";

export type ReturnOrder = Extract<Order, { do: "return" }>;

/** Who carried it out. Throws a JournalFailure when the journal cannot be used. */
export async function returnTransfer(dataFolder: string, order: ReturnOrder): Promise<Result<"running" | "closed">> {
  const ledger = await openLedger(dataFolder);
  if (ledger !== undefined) return inClosed(dataFolder, ledger, order);
  const answer = await placeOrder(dataFolder, order);
  if (answer === undefined)
    return fail("too-slow", "world", "The running world took no order in time. Nothing was done; sojourn transfers shows how it stands.");
  return answer.fault === undefined ? ok("running") : { ok: false, fault: answer.fault };
}

/** Undefined when a running world holds the journal. */
async function openLedger(dataFolder: string): Promise<Ledger | undefined> {
  const { world } = await worldKeys(dataFolder);
  try {
    return new Ledger(openJournal(dataFolder), world, systemClock.now);
  } catch (problem) {
    if (problem instanceof JournalFailure && /another process holds/.test(problem.message)) return undefined;
    throw problem;
  }
}

async function inClosed(dataFolder: string, ledger: Ledger, order: ReturnOrder): Promise<Result<"closed">> {
  try {
    const { notary } = await worldKeys(dataFolder);
    const now = { wallMs: ledger.wallMs, steadyMs: systemClock.monotonic() };
    const context: BorderContext = { notary, peers: peerMap(await readPeers(dataFolder), notary.world), policy: CLOSED };
    const input = { in: "override", transfer: order.transfer, by: order.by, why: order.why, isEarly: order.early } as const;
    const { records, fault } = stepBorder(ledger.custody, openDesk(ledger.custody, now), input, now, context);
    if (fault !== undefined) return { ok: false, fault };
    for (const record of records) ledger.take(record);
    ledger.commit();
    // What there is to say, the world says when it opens.
    return ok("closed");
  } finally {
    ledger.close();
  }
}

const CLOSED: BorderContext["policy"] = {
  customs: () => ({ rulings: [], clamps: [] }),
  room: () => 0,
  isBanned: () => undefined,
  isOpen: () => false,
  live: () => undefined,
};
