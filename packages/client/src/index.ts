// The door of the client room: enter a world, see it, act in it, be carried on to the next. Runs in browsers and in Node;
// what only Node has (folders) is behind "@sojourn/client/node".
export { LINK_PRESETS, LinkConditioner, type LinkConditions, type LinkPreset, linkConditions } from "@sojourn/runtime";
export { GIVE_DEFAULTS, type GiveLimits } from "@sojourn/substrate";
export { type WorldAddress, worldAddress } from "./address.ts";
export { browserTraveller } from "./browser.ts";
export { enter } from "./enter.ts";
export { forgetWorld } from "./kept.ts";
export { type KeptReplica, keepFromReplica, type ReplicaVisit } from "./replica-visit.ts";
export { loadFromSwarm, type SwarmLoad, type SwarmLoaded } from "./swarm/load-from-swarm.ts";
export type { SwarmOptions, SwarmReport } from "./swarm/swarm.ts";
export type {
  Crossing,
  CrossingStage,
  EnterOptions,
  Ghost,
  LoadProgress,
  Me,
  Notice,
  Prefetched,
  RefusedCopy,
  ResumedBy,
  TravellerStorage,
  Utterance,
  ViewEntity,
  ViewFrame,
  Visitor,
  VisitorEvents,
  VisitStats,
} from "./visitor.ts";
