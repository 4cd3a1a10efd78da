// The IPFS door of the substrate room: a real IPFS node in this process. Helia is large and most never use it, so it is an optional
// peer dependency: nothing of it is loaded before a node is started, and starting one says how to install what is missing.

export { ipfsHeads, ipnsRules } from "./ipfs/ipns.ts";
export { type IpfsNode, type IpfsOptions, startIpfs } from "./ipfs/node.ts";
export { type IpfsReplica, type IpfsReplicaOptions, ipfsReplica, type ReadIpfsOptions, readIpfs } from "./replicas/ipfs.ts";
export { type IpfsStoreOptions, ipfsStore } from "./stores/ipfs.ts";
