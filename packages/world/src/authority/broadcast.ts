// What everybody is shown of a tick. Who looks from the same cell gets the same bytes; what is private goes along in the same write;
// who does not read is not queued for: skipped, given a keyframe when drained, and cut off when that does not happen.
import {
  type CellKey,
  cellAt,
  composeSnapshot,
  eventsPart,
  type Fault,
  fault,
  OwnFrames,
  type OwnState,
  TIMES,
  ViewFrames,
  viewingCell,
} from "@sojourn/protocol";
import type { Stage } from "../kernel/stage.ts";
import { READER_LIMITS } from "../limits.ts";
import type { Guest } from "./guest.ts";

/** A live session hears something each `beatMs`; it is said a tick's jitter earlier. */
const BEAT_MARGIN_MS = 100;

export class Broadcast {
  readonly #stage: Stage;
  readonly #frames: ViewFrames;
  readonly #owns = new OwnFrames();
  readonly #writing: Uint8Array[] = [];
  bytesOut = 0;
  /** The most that ever waited for one reader at the end of a tick, bytes. */
  mostWaiting = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#frames = new ViewFrames(stage.encoder, stage.options.physics.viewRadius);
  }

  /** Ends the tick's public part. Nothing may move until everybody was written to. */
  close(): void {
    this.#frames.closeTick(this.#stage.tick);
  }

  /** Writes to one guest everything this tick has for them. Gives back a fault when they must be cut off. */
  write(guest: Guest, spoken: readonly HeardWords[]): Fault | undefined {
    const { step } = guest.session;
    const frames = this.#taken(guest);
    const isLive = step === "LIVE" && guest.closing === undefined;
    const verdict = this.#readerState(guest);
    if (verdict === "cut") return fault("too-slow", "client", "you did not read what the world sent", 1_000);
    if (isLive && verdict === "reads") this.#addSnapshots(guest, frames, spoken);
    else guest.held = undefined;
    if (isLive || step === "DEPARTED") this.#addOwn(guest, frames);
    this.#send(guest, frames);
    return undefined;
  }

  /** Control messages alone, between two ticks. */
  writeControl(guest: Guest): void {
    this.#send(guest, this.#taken(guest));
  }

  /** What waits to be said, in a list that is used again for the next guest. */
  #taken(guest: Guest): Uint8Array[] {
    const frames = this.#writing;
    frames.length = 0;
    if (guest.outbox.length === 0) return frames;
    for (const frame of guest.outbox) frames.push(frame);
    guest.outbox = [];
    return frames;
  }

  #send(guest: Guest, frames: readonly Uint8Array[]): void {
    if (frames.length === 0) return;
    for (let i = 0; i < frames.length; i++) this.bytesOut += (frames[i] as Uint8Array).length;
    guest.link.sendMany(frames);
    guest.lastSentMs = this.#stage.steadyMs;
  }

  #readerState(guest: Guest): "reads" | "skip" | "cut" {
    const waiting = guest.link.bufferedBytes;
    if (waiting > this.mostWaiting) this.mostWaiting = waiting;
    if (waiting <= READER_LIMITS.snapshotBytes && !this.#isBehind(guest)) {
      guest.stalledSinceMs = undefined;
      return "reads";
    }
    guest.stalledSinceMs ??= this.#stage.steadyMs;
    const isStuck = waiting > READER_LIMITS.controlBytes || this.#stage.steadyMs - guest.stalledSinceMs > READER_LIMITS.stalledMs;
    return isStuck ? "cut" : "skip";
  }

  /** The network takes megabytes for someone who reads none of them; what they say they have read tells earlier. */
  #isBehind(guest: Guest): boolean {
    const { ackTick } = guest.session;
    while (guest.unread.length > 0 && (guest.unread[0] as number) <= ackTick) guest.unread.shift();
    return ackTick > 0 && guest.unread.length > this.#behindTicks;
  }

  get #behindTicks(): number {
    return (READER_LIMITS.behindMs * this.#stage.options.physics.tickHz * this.#stage.pace) / 1_000;
  }

  #addSnapshots(guest: Guest, frames: Uint8Array[], spoken: readonly HeardWords[]): void {
    const avatar = guest.traveller === undefined ? undefined : this.#stage.avatars.get(guest.traveller);
    if (avatar === undefined) return;
    const { columns } = this.#stage.entities;
    const x = columns.xs[avatar.entity.slot] as number;
    const y = columns.ys[avatar.entity.slot] as number;
    guest.from = viewingCell(guest.from, x, y);
    const before = frames.length;
    for (const frame of this.#frames.frames(guest.held, guest.from)) frames.push(frame);
    guest.held = guest.from;
    const { chatRange } = this.#stage.options.physics;
    for (const words of spoken) if (Math.hypot(words.x - x, words.y - y) <= chatRange) frames.push(words.frame);
    // Who never says what they read is only counted so far.
    if (frames.length > before && guest.unread.length <= this.#behindTicks) guest.unread.push(this.#stage.tick);
  }

  #addOwn(guest: Guest, frames: Uint8Array[]): void {
    const avatar = guest.traveller === undefined ? undefined : this.#stage.avatars.get(guest.traveller);
    const at = avatar === undefined ? this.#lastPlace(guest) : this.#stage.entities.at(avatar.entity);
    const own: OwnState = {
      tick: this.#stage.tick,
      ackSeq: avatar?.moves.ackSeq ?? 0,
      ackIntent: guest.ackIntent,
      x: at.x,
      y: at.y,
      frozen: avatar === undefined,
      pace: this.#stage.pace,
    };
    if (isSame(own, guest.ownSaid) && (frames.length > 0 || this.#stage.steadyMs - guest.lastSentMs < TIMES.beatMs - BEAT_MARGIN_MS))
      return;
    guest.ownSaid = own;
    frames.push(this.#owns.encode(own));
  }

  #lastPlace(guest: Guest): { x: number; y: number } {
    const resident = guest.traveller === undefined ? undefined : this.#stage.custody.residents.get(guest.traveller);
    return { x: resident?.x ?? 0, y: resident?.y ?? 0 };
  }
}

/** Whether an own frame would say nothing new; that time has passed is none. */
function isSame(own: OwnState, said: OwnState | undefined): boolean {
  return (
    said !== undefined &&
    own.ackSeq === said.ackSeq &&
    own.ackIntent === said.ackIntent &&
    own.x === said.x &&
    own.y === said.y &&
    own.frozen === said.frozen &&
    own.pace === said.pace
  );
}

export interface HeardWords {
  readonly x: number;
  readonly y: number;
  readonly frame: Uint8Array;
}

/** What was spoken in this tick, one frame for each, whoever hears it. */
export function heardWords(stage: Stage): HeardWords[] {
  return stage.spoken.map(({ x, y, event }) => {
    const cell: CellKey = cellAt(x, y);
    return { x, y, frame: composeSnapshot(stage.tick, [eventsPart(cell, [event])]) };
  });
}
