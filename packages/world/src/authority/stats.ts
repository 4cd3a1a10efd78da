// The figures of a running world, for its operator and for tests.
import type { LinkServer } from "@sojourn/runtime/node";
import type { WorldStats } from "../options.ts";
import type { Authority } from "./authority.ts";
import { type Clockwork, RESTING } from "./clockwork.ts";
import type { Core } from "./core.ts";

export function statsOf(
  core: Core,
  authority: Authority,
  server: LinkServer,
  clockwork: Clockwork | undefined,
  replicas: WorldStats["replicas"],
  neighbours: WorldStats["neighbours"],
): WorldStats {
  const beat = clockwork?.beat ?? RESTING;
  const { stage, counts } = core;
  return {
    tick: stage.tick,
    tickHz: stage.options.physics.tickHz,
    tickMsMean: beat.meanMs,
    tickMsMax: beat.maxMs,
    lateTicks: beat.lateTicks,
    pace: beat.pace,
    load: beat.load,
    takesNewcomers: core.headroom.takesNewcomers,
    links: server.openLinks,
    sessions: core.byTraveller.size,
    travellers: stage.avatars.size,
    entities: stage.entities.count,
    journalSeq: stage.options.ledger.seq,
    isDiskFull: !stage.options.ledger.hasRoom(),
    departures: counts.departures,
    arrivals: counts.arrivals,
    returned: counts.returned,
    faults: Object.fromEntries(counts.faults),
    hookFailures: stage.guard.failures,
    bytesOut: authority.broadcast.bytesOut,
    mostWaitingBytes: authority.broadcast.mostWaiting,
    replicas,
    neighbours,
  };
}
