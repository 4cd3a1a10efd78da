// The client of Colyseus: cheap sockets that count bytes, and for the few that are looked at for delay its own client, which decodes
// the state.
import { Client } from "@colyseus/sdk";
import { type Dialect, type Ears, type Player, rawPlayer } from "./dialects.ts";
import { maskedFrame, RawClient } from "./raw-client.ts";

const JOIN = 10;
const STATE = 14;
const DATA_BYTES = 17;
const ENTER_MS = 120_000;

function moveBytes(seq: number, dx: number, dy: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUInt32BE(seq, 0);
  bytes.writeInt8(dx, 4);
  bytes.writeInt8(dy, 5);
  return bytes;
}

async function enterRaw(index: number, port: number): Promise<Player> {
  const response = await fetch(`http://127.0.0.1:${port}/matchmake/joinOrCreate/world`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ index }),
  });
  if (!response.ok) throw new Error(`no seat: ${response.status} ${await response.text()}`);
  const seat = (await response.json()) as { readonly processId: string; readonly roomId: string; readonly sessionId: string };
  let entered: () => void = () => {};
  const state = new Promise<void>((resolve) => {
    entered = resolve;
  });
  const path = `/${seat.processId}/${seat.roomId}?sessionId=${seat.sessionId}`;
  const client = await RawClient.open(index, port, path, (opened) => (bytes, at) => {
    if (bytes[at] === JOIN) opened.send(maskedFrame(Buffer.from([JOIN])));
    else if (bytes[at] === STATE) entered();
  });
  await inTime(state, client);
  client.isLive = true;
  client.onFrame = () => {};
  const acked = Buffer.alloc(0);
  return rawPlayer(
    client,
    (seq, dx, dy) => maskedFrame(Buffer.concat([Buffer.from([DATA_BYTES, 0]), moveBytes(seq, dx, dy)])),
    () => acked,
  );
}

function inTime(state: Promise<void>, client: RawClient): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("no state in time")), ENTER_MS);
    client.onEnd = () => reject(new Error("the link was closed before one was in the world"));
    void state.then(() => {
      clearTimeout(late);
      resolve();
    });
  });
}

async function enterSampled(index: number, port: number, ears: Ears): Promise<Player> {
  const joined = await new Client(`ws://127.0.0.1:${port}`).joinOrCreate("world", { index });
  let sent = 0;
  let isEnded = false;
  joined.onLeave(() => {
    isEnded = true;
  });
  joined.onStateChange(() => {
    const ack = joined.state.entities.get(String(index))?.ack ?? 0;
    // Two bytes of the number are told; the rest is known.
    if (sent > 0) ears.seen(index, sent - ((sent - ack) & 0xffff));
  });
  return {
    move(seq, dx, dy) {
      sent = seq;
      if (!isEnded) joined.sendBytes(0, moveBytes(seq, dx, dy));
    },
    acknowledge() {},
    stall() {},
    end: () => void joined.leave(),
    // Its own client does not say; the others stand for it.
    bytesIn: undefined,
    get isEnded() {
      return isEnded;
    },
  };
}

export const colyseusDialect: Dialect = {
  enter(index: number, port: number, ears: Ears): Promise<Player> {
    return ears.isSampled(index) ? enterSampled(index, port, ears) : enterRaw(index, port);
  },
};
