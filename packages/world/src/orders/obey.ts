// A running world carries out what its operator ordered: in its turn, and the answer waits until it is durable.
import type { Core } from "../authority/core.ts";
import { toBorder } from "../authority/crossing.ts";
import { ORDER_LIMITS } from "../limits.ts";
import type { Look, Order, OrderAnswer } from "./orders.ts";

export function obey(core: Core, order: Exclude<Order, { readonly do: "heartbeat" }>, answer: (answer: OrderAnswer) => void): void {
  switch (order.do) {
    case "return": {
      const { transfer, by, why, early } = order;
      const { fault } = toBorder(core, { in: "override", transfer, by, why, isEarly: early });
      core.log.warn("operator's override", { transfer, by, why, refused: fault?.detail ?? "" });
      core.answers.push(() => answer(fault === undefined ? {} : { fault }));
      return;
    }
    case "give-up": {
      const { world, by } = order;
      const { fault } = toBorder(core, { in: "give-up", world, by });
      core.log.warn("operator gives a peer up", { world, by, refused: fault?.detail ?? "" });
      core.answers.push(() => answer(fault === undefined ? {} : { fault }));
      return;
    }
    case "look":
      answer({ look: look(core) });
      return;
  }
}

function look({ desk, stage }: Core): Look {
  const { steadyMs } = stage;
  const inMs = (atMs: number): number => Math.max(0, Math.round(atMs - steadyMs));
  const chases = [...desk.chases].slice(0, ORDER_LIMITS.listed).map(([transfer, { asked, heard, nextMs, isCancelling }]) => ({
    ...{ transfer, asked, isCancelling },
    heard: heard ?? "",
    inMs: inMs(nextMs),
  }));
  const expected = [...desk.offers].slice(0, ORDER_LIMITS.listed).map(([traveller, { untilMs }]) => ({ traveller, inMs: inMs(untilMs) }));
  return { chases, expected, silent: [...desk.silent].map(([world, heard]) => ({ world, heard })) };
}
