// The operator's override of one departure: by the running world when there is one, else in the closed world's journal, under its lock.
import { type BorderContext, fail, ok, openDesk, type Result, stepBorder } from "@sojourn/protocol";
import { systemClock } from "@sojourn/runtime";
import { worldKeys } from "../authority/identity.ts";
import { peerMap, readPeers } from "../authority/peers.ts";
import type { Ledger } from "../kernel/ledger.ts";
import { closedLedger } from "./closed-ledger.ts";
import { type Order, placeOrder } from "./orders.ts";

export type ReturnOrder = Extract<Order, { do: "return" }>;

/** Who carried it out. Throws a JournalFailure when the journal cannot be used. */
export async function returnTransfer(dataFolder: string, order: ReturnOrder): Promise<Result<"running" | "closed">> {
  const ledger = await closedLedger(dataFolder);
  if (ledger !== undefined) return inClosed(dataFolder, ledger, order);
  const answer = await placeOrder(dataFolder, order);
  if (answer === undefined)
    return fail("too-slow", "world", "The running world took no order in time. Nothing was done; sojourn transfers shows how it stands.");
  return answer.fault === undefined ? ok("running") : { ok: false, fault: answer.fault };
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
  whyShut: () => "closing",
  live: () => undefined,
};
