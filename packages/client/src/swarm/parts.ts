// What a swarm is made of, loaded when the first one is joined: a page that shares nothing never asks for it.
export { PeersStore } from "@sojourn/substrate/swarm";
export { Meeting } from "./meeting.ts";
