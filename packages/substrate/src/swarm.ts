// The swarm's door of the substrate room: blocks from other pages. A page that shares nothing never loads what is behind it.
export { PeersStore } from "./stores/peers.ts";
