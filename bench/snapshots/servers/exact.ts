// The target "exact": interest by exact radius and an encoding of one's own for every client, as tight as it is simple; what sharing
// frames is held against, in bytes above all. node exact.ts <workload>
//
//   frame    u32 last move read · u32 tick · varint rows · rows · varint gone · gone × varint id
//   row      varint id · u8 mask · the masked fields:
//            1 step    i8 dx · i8 dy, 256ths of a unit since the frame before       2 facing  u8
//            4 place   u24 x · u24 y                     8 the rest   u16 look · text name · u8 health · u8 holding · u8 state · u8 flags
import type { AddressInfo } from "node:net";
import process from "node:process";
import { type WebSocket, WebSocketServer } from "ws";
import { Measured } from "../../measured.ts";
import { TICK_MS, type Workload, workloadNamed } from "../workloads.ts";
import { everyTick } from "./beat.ts";
import { readMove } from "./floor-frames.ts";
import { PlainStage } from "./plain-stage.ts";

const MASK = { step: 1, facing: 2, place: 4, rest: 8 } as const;
const [, , name = ""] = process.argv;
const workload = workloadNamed(name) as Workload;
const measured = new Measured(TICK_MS);
const stage = new PlainStage(workload);
const beforeX = Int32Array.from(stage.xs);
const beforeY = Int32Array.from(stage.ys);
const beforeFacing = Uint8Array.from(stage.facing);
const sockets: (WebSocket | undefined)[] = new Array(workload.players);
const known: Set<number>[] = Array.from({ length: workload.players }, () => new Set());
/** By entity: the count of the frame that last saw it. */
const seenIn = new Float64Array(stage.count);
let frames = 0;

const out = Buffer.alloc(1_048_576);
let at = 0;

function varint(value: number): void {
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) out[at++] = (rest & 0x7f) | 0x80;
  out[at++] = rest;
}

function row(entity: number, isKnown: boolean): boolean {
  const x = stage.xs[entity] as number;
  const y = stage.ys[entity] as number;
  const stepX = x - (beforeX[entity] as number);
  const stepY = y - (beforeY[entity] as number);
  const turned = stage.facing[entity] !== beforeFacing[entity];
  const mask = isKnown ? (stepX === 0 && stepY === 0 ? 0 : MASK.step) | (turned ? MASK.facing : 0) : MASK.place | MASK.facing | MASK.rest;
  if (mask === 0) return false;
  varint(entity + 1);
  out[at++] = mask;
  if ((mask & MASK.step) !== 0) {
    out.writeInt8(stepX, at);
    out.writeInt8(stepY, at + 1);
    at += 2;
  }
  if ((mask & MASK.facing) !== 0) out[at++] = stage.facing[entity] as number;
  if ((mask & MASK.place) === 0) return true;
  out.writeUIntBE(x, at, 3);
  out.writeUIntBE(y, at + 3, 3);
  const text = entity < stage.players ? `w${entity}` : `Lamp ${entity - stage.players}`;
  out.writeUInt16BE(entity < stage.players ? 0 : 1, at + 6);
  at += 8;
  out[at] = out.write(text, at + 1, "latin1");
  at += 1 + text.length;
  // Health, holding, state, flags.
  at += out.write("\x64\0\0\x09", at, "latin1");
  return true;
}

function encode(index: number, tick: number): Buffer {
  frames += 1;
  at = 0;
  out.writeUInt32BE(stage.lastSeq[index] as number, 0);
  out.writeUInt32BE(tick, 4);
  at = 10;
  let rows = 0;
  const held = known[index] as Set<number>;
  stage.near(index, workload.viewRadius, (entity) => {
    seenIn[entity] = frames;
    const isKnown = held.has(entity);
    if (row(entity, isKnown)) rows += 1;
    if (!isKnown) held.add(entity);
  });
  // Two bytes were kept free for the count.
  out[8] = (rows & 0x7f) | 0x80;
  out[9] = rows >>> 7;
  const gone: number[] = [];
  for (const entity of held) if (seenIn[entity] !== frames) gone.push(entity);
  varint(gone.length);
  for (const entity of gone) {
    held.delete(entity);
    varint(entity + 1);
  }
  return Buffer.from(out.subarray(0, at));
}

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false, clientTracking: false });
server.on("connection", (socket, request) => {
  const index = Number(request.url?.slice(1));
  sockets[index] = socket;
  socket.on("message", (data: Buffer) => {
    const move = readMove(data);
    if (move !== undefined) stage.move(index, move.seq, move.dx, move.dy);
  });
  socket.on("close", () => {
    sockets[index] = undefined;
  });
  socket.on("error", () => {});
});
server.on("listening", () => measured.open((server.address() as AddressInfo).port));

everyTick(measured, (n) => {
  stage.walk();
  for (let index = 0; index < sockets.length; index++) sockets[index]?.send(encode(index, n));
  beforeX.set(stage.xs);
  beforeY.set(stage.ys);
  beforeFacing.set(stage.facing);
});
