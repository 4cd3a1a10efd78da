// Entering the federation: the visitor an author holds, put together from what was kept, the visit's shell and the stage.
// Law: every timer and link ends with the visit; what an author calls never throws once one has entered.
import { valueOf } from "@sojourn/protocol";
import { connect, memoryKeyValue, systemClock } from "@sojourn/runtime";
import { httpStore, memoryStore } from "@sojourn/substrate";
import { worldAddress } from "./address.ts";
import { cardOverHttp } from "./portal-prefetch.ts";
import { Visiting } from "./visiting.ts";
import type { EnterOptions, Visitor } from "./visitor.ts";

/**
 * Enters the world at `url` (`host:port`, `http(s)://…` or `ws(s)://…`) and stays a visitor from there on, through crossings, lost
 * links and worlds that go away and come back. Throws a FaultError `malformed` for an address that is none; all else that goes wrong
 * is told by events and, if it is for good, by {@link Visitor.closed}.
 */
export function enter(url: string, options: EnterOptions): Visitor {
  const address = valueOf(worldAddress(url));
  const { now, random = Math.random, conditioner, connect: open = connect } = options;
  return new Visiting(address, {
    name: options.name,
    keys: options.keys,
    storage: options.storage ?? memoryKeyValue(),
    cache: options.cache ?? memoryStore(),
    sources: options.sources ?? ((gateways) => gateways.map((gateway) => httpStore(gateway))),
    prefetch: options.prefetch ?? true,
    card: options.card ?? cardOverHttp,
    connect: conditioner === undefined ? open : (to) => conditioner.over(open(to)),
    swarm: options.swarm ?? {},
    clock: now === undefined ? systemClock : { ...systemClock, now },
    random,
  });
}
