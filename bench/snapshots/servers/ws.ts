// The floor "ws": what the kernel and `ws` alone cost. Reads the same moves as a world and sends as many bytes, made beforehand,
// with one send() per client and tick. node ws.ts <workload> <folder> <trace>
import type { AddressInfo } from "node:net";
import process from "node:process";
import { type WebSocket, WebSocketServer } from "ws";
import { Measured } from "../../measured.ts";
import { Trace } from "../load/trace.ts";
import { TICK_MS, type Workload, workloadNamed } from "../workloads.ts";
import { everyTick } from "./beat.ts";
import { FloorFrames, seqOfMove } from "./floor-frames.ts";

const [, , name = "", , trace = ""] = process.argv;
const workload = workloadNamed(name) as Workload;
const measured = new Measured(TICK_MS);
const frames = new FloorFrames(Trace.read(trace, workload.players), false);
const sockets: (WebSocket | undefined)[] = new Array(workload.players);
const lastSeq = new Uint32Array(workload.players);

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false, clientTracking: false });
server.on("connection", (socket, request) => {
  const index = Number(request.url?.slice(1));
  sockets[index] = socket;
  socket.on("message", (data: Buffer) => {
    lastSeq[index] = seqOfMove(data) ?? (lastSeq[index] as number);
  });
  socket.on("close", () => {
    sockets[index] = undefined;
  });
  socket.on("error", () => {});
});
server.on("listening", () => measured.open((server.address() as AddressInfo).port));

everyTick(measured, (n) => {
  for (let index = 0; index < sockets.length; index++) {
    const socket = sockets[index];
    const frame = socket === undefined ? undefined : frames.frame(index, n, lastSeq[index] as number);
    if (frame !== undefined) socket?.send(frame);
  }
});
