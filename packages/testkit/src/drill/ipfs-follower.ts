// `node ipfs-follower.ts FOLDER`: an IPFS node that follows a world by its name and keeps all that its newest head names, as a friend's node with
// pins would. It was given neither the world's address nor its key: the head comes by IPNS, the blocks by bitswap.
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { headJudge } from "@sojourn/passport";
import { nodeEd25519 } from "@sojourn/passport/node";
import { valueOf, type WorldId } from "@sojourn/protocol";
import { missingBlocks, openHead, readFoundHead } from "@sojourn/substrate";
import { type IpfsReplica, ipfsReplica } from "@sojourn/substrate/ipfs";

export interface ToFollower {
  readonly world: WorldId;
}

/** All up to this record of the world's journal is kept here. */
export interface FromFollower {
  readonly journalSeq: number;
}

const LOOK_MS = 200;
const judge = headJudge(() => undefined, nodeEd25519);

const folder = process.argv[2] as string;
const node = valueOf(await ipfsReplica({ folder, judge, listen: ["/ip4/127.0.0.1/tcp/0"] }));
let isFollowing = false;
process.on("message", ({ world }: ToFollower) => {
  if (!isFollowing) void follow(node, world);
  isFollowing = true;
});
// It ends with the drill, whatever ends that.
process.on("disconnect", () => process.exit(0));
process.stdout.write(`${JSON.stringify({ address: node.node.addresses[0] })}\n`);

async function follow({ heads, blocks }: IpfsReplica, world: WorldId): Promise<never> {
  for (let before = ""; ; await sleep(LOOK_MS)) {
    const bytes = await heads.read(world);
    const genuine = bytes.ok && bytes.value !== undefined ? openHead(world, bytes.value, judge) : undefined;
    if (genuine?.ok !== true || genuine.value.head.heartbeat === before) continue;
    const found = await readFoundHead(genuine.value, blocks, judge, Date.now());
    if (!found.ok || !(await isKept(genuine.value.head.heartbeat, before, blocks))) continue;
    before = genuine.value.head.heartbeat;
    const news: FromFollower = { journalSeq: found.value.heartbeat.journalSeq };
    process.send?.(news);
  }
}

/** What the node got from peers stays in it. What an earlier head named is there already. */
async function isKept(heartbeat: string, before: string, blocks: IpfsReplica["blocks"]): Promise<boolean> {
  for await (const block of missingBlocks(heartbeat, before === "" ? undefined : before, blocks)) if (!block.ok) return false;
  return true;
}
