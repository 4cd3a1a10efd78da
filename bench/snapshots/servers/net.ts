// The floor "net": bare sockets, WebSocket frames made beforehand with their heads, one write() per client and tick; what is read is
// unmasked and looked at, no more. node net.ts <workload> <folder> <trace>
import { createHash } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import process from "node:process";
import { Measured } from "../../measured.ts";
import { Trace } from "../load/trace.ts";
import { TICK_MS, type Workload, workloadNamed } from "../workloads.ts";
import { everyTick } from "./beat.ts";
import { FloorFrames, seqOfMove } from "./floor-frames.ts";

const KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const [, , name = "", , trace = ""] = process.argv;
const workload = workloadNamed(name) as Workload;
const measured = new Measured(TICK_MS);
const frames = new FloorFrames(Trace.read(trace, workload.players), true);
const sockets: (Socket | undefined)[] = new Array(workload.players);
const lastSeq = new Uint32Array(workload.players);

function upgrade(socket: Socket, head: string): number {
  const index = Number(/^GET \/(\d+) /.exec(head)?.[1]);
  const key = /Sec-WebSocket-Key: (\S+)/i.exec(head)?.[1] ?? "";
  const accept = createHash("sha1").update(`${key}${KEY_SUFFIX}`).digest("base64");
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  sockets[index] = socket;
  return index;
}

/** Short masked frames, as the load sends them; gives back what is left of a frame that is not whole. */
function read(index: number, data: Buffer): Buffer | undefined {
  let at = 0;
  while (data.length - at >= 6) {
    const length = (data[at + 1] as number) & 0x7f;
    const end = at + 6 + length;
    if (end > data.length) break;
    for (let i = 0; i < length; i++) data[at + 6 + i] = (data[at + 6 + i] as number) ^ (data[at + 2 + (i & 3)] as number);
    lastSeq[index] = seqOfMove(data.subarray(at + 6, end)) ?? (lastSeq[index] as number);
    at = end;
  }
  return at < data.length ? Buffer.from(data.subarray(at)) : undefined;
}

const server = createServer({ noDelay: true }, (socket) => {
  let index = -1;
  let carry: Buffer | undefined;
  socket.on("data", (data: Buffer) => {
    const all = carry === undefined ? data : Buffer.concat([carry, data]);
    if (index >= 0) {
      carry = read(index, all);
      return;
    }
    const end = all.indexOf("\r\n\r\n");
    carry = all;
    if (end < 0) return;
    index = upgrade(socket, all.toString("latin1", 0, end + 4));
    carry = read(index, all.subarray(end + 4));
  });
  socket.on("close", () => {
    sockets[index] = undefined;
  });
  socket.on("error", () => {});
});
server.listen(0, "127.0.0.1", () => measured.open((server.address() as AddressInfo).port));

everyTick(measured, (n) => {
  for (let index = 0; index < sockets.length; index++) {
    const socket = sockets[index];
    const frame = socket === undefined ? undefined : frames.frame(index, n, lastSeq[index] as number);
    if (frame !== undefined) socket?.write(frame);
  }
});
