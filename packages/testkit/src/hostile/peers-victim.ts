// The swarm as a victim: members that speak the channel's own protocol and lie in it. A liar is left for good, so every lie has a member
// of its own, and so has every truth.
import { type ContentId, decodeChannel, encodeChannel, SWARM } from "@sojourn/protocol";
import { memoryStore } from "@sojourn/substrate";
import { PeersStore } from "@sojourn/substrate/swarm";
import { CID } from "multiformats/cid";
import { channelPair, type PairedChannel } from "../channel-pair.ts";
import type { Victim } from "./attack.ts";
import { PATIENT_MS, STALL_MS } from "./victims.ts";

const PIECE = 7;
const SHARE = 14;

export function peersVictim(): Victim {
  const patient = new PeersStore({ held: memoryStore(), stallMs: PATIENT_MS });
  let last: PairedChannel | undefined;
  const silent: PairedChannel[] = [];
  return {
    ...{ share: SHARE, lanes: 1, store: patient, isReadOnly: true },
    lay: async ({ cid }, bytes) => {
      last?.close();
      last = await joinStranger(patient, cid, bytes);
    },
    impatient: {
      ...memoryStore("a swarm of one that is silent"),
      get: async (cid) => {
        const store = new PeersStore({ held: memoryStore(), stallMs: STALL_MS });
        silent.push(await joinStranger(store, cid, undefined));
        const got = await store.get(cid);
        store.close();
        return got;
      },
    },
    stall: () => undefined,
    close: async () => {
      last?.close();
      for (const channel of silent) channel.close();
      patient.close();
    },
  };
}

let strangers = 0;

/** A member that says it holds this block and answers every want with these bytes, right or wrong; undefined: with nothing. Has been heard. */
async function joinStranger(store: PeersStore, cid: ContentId, bytes: Uint8Array | undefined): Promise<PairedChannel> {
  const [near, far] = channelPair();
  const heard = Promise.withResolvers<void>();
  far.onMessage = (message) => {
    const frame = decodeChannel(message);
    if (!frame.ok) throw new Error(`a member says what is no message: ${frame.fault.detail}`);
    if (frame.value.f === "lack") heard.resolve();
    if (frame.value.f === "want" && bytes !== undefined) for (const piece of piecesOf(frame.value.n, bytes)) far.send(piece);
  };
  far.onClose = () => heard.reject(new Error("the stranger was left before it lied"));
  const id = CID.parse(cid).bytes;
  store.join(`stranger ${strangers++}`, near);
  far.send(encodeChannel({ f: "hello", version: 1, page: crypto.getRandomValues(new Uint8Array(8)) }));
  far.send(encodeChannel({ f: "names", names: [new DataView(id.buffer, id.byteOffset).getUint32(4)] }));
  // What it asks for is answered after what it said was heard.
  far.send(encodeChannel({ f: "want", n: 1, id }));
  await heard.promise;
  far.onClose = undefined;
  return far;
}

/** Written by hand: a liar's frames need not be allowed. */
function* piecesOf(n: number, bytes: Uint8Array): Iterable<Uint8Array> {
  let from = 0;
  do {
    const part = bytes.subarray(from, from + SWARM.pieceBytes);
    const frame = new Uint8Array(13 + part.length);
    const view = new DataView(frame.buffer);
    frame[0] = PIECE;
    for (const [i, number] of [n, bytes.length, from].entries()) view.setUint32(1 + 4 * i, number);
    frame.set(part, 13);
    yield frame;
    from += part.length;
  } while (from < bytes.length && bytes.length <= SWARM.blockBytes);
}
