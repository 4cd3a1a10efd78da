// Every kind of store that a world is published to, as places where processes end: real ones, all in this process and gone with it.
import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { headJudge } from "@sojourn/passport";
import { nodeEd25519 } from "@sojourn/passport/node";
import { valueOf } from "@sojourn/protocol";
import { httpReplica, openS3, s3Heads, s3Store } from "@sojourn/substrate";
import { ipfsHeads, ipfsStore, ipnsRules, startIpfs } from "@sojourn/substrate/ipfs";
import { folderHeads, folderReplica } from "@sojourn/substrate/node";
import { startTestS3 } from "../s3/server.ts";
import type { CrashPlace } from "./crashes.ts";
import { memoryReplica } from "./memory-replica.ts";

export const CRASH_KINDS = ["memory", "folder", "s3", "ipfs", "mesh"] as const;
export type CrashKind = (typeof CRASH_KINDS)[number];

export interface OpenCrashPlace {
  readonly place: CrashPlace;
  close(): Promise<void>;
}

const nothing = async (): Promise<void> => undefined;
const judge = headJudge(() => undefined, nodeEd25519);

export async function crashPlace(kind: CrashKind): Promise<OpenCrashPlace> {
  if (kind === "memory") {
    const memory = memoryReplica();
    return { place: { kind, open: () => memory }, close: nothing };
  }
  if (kind === "s3") return await s3Place();
  const folder = await mkdtemp(join(tmpdir(), `sojourn-crashes-${kind}-`));
  const away = (): Promise<void> => rm(folder, { recursive: true, force: true });
  if (kind === "folder") return { place: { kind, open: (step) => folderReplica(folder, { step }) }, close: away };
  return kind === "ipfs" ? await ipfsPlace(folder, away) : await meshPlace(folder, away);
}

async function s3Place(): Promise<OpenCrashPlace> {
  const service = await startTestS3();
  const objects = valueOf(openS3({ ...service.options("worlds"), prefix: "crashes" }));
  return {
    place: { kind: "s3", open: () => ({ name: "s3", kind: "s3", blocks: s3Store(objects), heads: s3Heads(objects), close: nothing }) },
    close: () => service.close(),
  };
}

/** A node that has a peer: what is acknowledged was told to it, and the peer finds and fetches all of it. */
async function ipfsPlace(folder: string, away: () => Promise<void>): Promise<OpenCrashPlace> {
  const peer = valueOf(await startIpfs({ folder: join(folder, "peer"), ...ipnsRules(judge) }));
  const node = valueOf(await startIpfs({ folder: join(folder, "node"), peers: peer.addresses, ...ipnsRules(judge) }));
  const doorTo = (of: typeof node, heads: string, step?: (name: string) => void): ReturnType<CrashPlace["open"]> => ({
    ...{ name: "ipfs", kind: "ipfs", blocks: ipfsStore(of), close: nothing },
    heads: ipfsHeads(of, folderHeads(join(folder, heads), step === undefined ? {} : { step }), judge),
  });
  return {
    place: {
      kind: "ipfs",
      open: (step) => doorTo(node, "heads", step),
      ready: async () => {
        while (node.connections().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      },
      elsewhere: doorTo(peer, "peer-heads"),
    },
    close: async () => {
      await node.stop();
      await peer.stop();
      await away();
    },
  };
}

/** A neighbour that copies over http, and ends while it does. */
async function meshPlace(folder: string, away: () => Promise<void>): Promise<OpenCrashPlace> {
  const own = join(folder, "own");
  const server = fileServer(own);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    place: {
      kind: "mesh",
      open: (step) => folderReplica(join(folder, "kept"), { step }),
      copied: { published: folderReplica(own), from: httpReplica(url) },
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await away();
    },
  };
}

/** What any web server of files does. */
function fileServer(folder: string): Server {
  return createServer((request, response) => {
    const [, path] = /^(\/ip[fn]s\/[a-z0-9]+)(\?.*)?$/.exec(request.url ?? "") ?? [];
    if (path === undefined) return void response.writeHead(404).end();
    const file = createReadStream(join(folder, path));
    file.once("error", () => response.writeHead(404).end());
    file.once("open", () => file.pipe(response));
  });
}
