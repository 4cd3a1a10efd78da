// Entering a real world with real keys, walking in it, acknowledging its snapshots: the protocol as a thin client speaks it.
import { setTimeout as sleep } from "node:timers/promises";
import { didOfKey, proofBytes } from "@sojourn/passport";
import { nodeEd25519 } from "@sojourn/passport/node";
import { type ClientMessage, decodeOwn, decodeWorldControl, encodeControl, encodeMove, FRAME, type WorldMessage } from "@sojourn/protocol";
import { randomBytes } from "@sojourn/runtime";
import { type Dialect, type Ears, type Kinds, type Player, rawPlayer } from "./dialects.ts";
import { maskedFrame, RawClient } from "./raw-client.ts";

const ENTER_MS = 60_000;
/** A world at its limit is asked so often. */
const TRIES = 6;
/** Ticks without a word of one's own that are told apart. */
const MOST_TICKS = 40;
/** A snapshot with a part is no shorter than this, bytes. */
const LEAST_PART = 10;

const kinds: Kinds = { own: 0, quiet: 0, told: 0, control: 0 };

export const sojournDialect: Dialect = {
  kinds,
  async enter(index: number, port: number, ears: Ears): Promise<Player> {
    const { client, visit } = await entered(index, port, ears);
    return rawPlayer(
      client,
      (seq, dx, dy) => maskedFrame(encodeMove({ t: "move", seq, dx, dy })),
      () => maskedFrame(encodeControl({ t: "ack", tick: visit.tick })),
    );
  },
};

/** A world that has much to do asks newcomers to wait; what it costs to come in is no part of the figures. */
async function entered(index: number, port: number, ears: Ears): Promise<{ readonly client: RawClient; readonly visit: Visit }> {
  for (let tries = 1; ; tries++) {
    const client = await RawClient.open(index, port, "/play");
    const visit = new Visit(client, ears);
    try {
      await visit.enter(`w${index}`);
      return { client, visit };
    } catch (error) {
      client.end();
      if (visit.retryAfterMs === 0 || tries === TRIES) throw error;
      await sleep(visit.retryAfterMs);
    }
  }
}

class Visit {
  /** Set when the world was too busy to let one in. */
  retryAfterMs = 0;
  tick = 0;
  readonly #client: RawClient;
  readonly #ears: Ears;
  readonly #secret = randomBytes(32);
  readonly #nonce = randomBytes(32);
  readonly #isSampled: boolean;
  #entered: { resolve(): void; reject(error: Error): void } | undefined;
  /** Bytes since the last frame of one's own, which ends the writing of its tick. */
  #wireBytes = 0;

  constructor(client: RawClient, ears: Ears) {
    this.#client = client;
    this.#ears = ears;
    this.#isSampled = ears.isSampled(client.index);
    client.onFrame = (bytes, at, length, wireBytes) => this.#frame(bytes, at, length, wireBytes);
    client.onEnd = () => this.#entered?.reject(new Error("the world closed the link before one was in it"));
  }

  enter(name: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("the world did not let one in in time")), ENTER_MS);
      this.#entered = {
        resolve: () => {
          clearTimeout(late);
          this.#entered = undefined;
          this.#client.isLive = true;
          resolve();
        },
        reject,
      };
      this.#say({ t: "hello", versions: [1], traveller: didOfKey(nodeEd25519.publicKey(this.#secret)), name, nonce: this.#nonce });
    });
  }

  #frame(bytes: Buffer, at: number, length: number, wireBytes: number): void {
    this.#wireBytes += wireBytes;
    kinds[kindOf(bytes, at, length)] += wireBytes;
    if (bytes[at] === FRAME.own) this.#own(bytes.subarray(at, at + length));
    else if (bytes[at] === FRAME.control && this.#entered !== undefined) this.#control(bytes.subarray(at, at + length));
  }

  #own(frame: Uint8Array): void {
    const own = decodeOwn(frame);
    if (!own.ok) throw new Error(own.fault.detail);
    // A tick in which nothing happened to oneself says nothing of one's own: its bytes are among these.
    const ticks = this.tick === 0 ? 1 : Math.max(1, own.value.tick - this.tick);
    this.tick = own.value.tick;
    for (let n = 0; n < Math.min(ticks, MOST_TICKS); n++) this.#ears.tick(this.#client.index, Math.round(this.#wireBytes / ticks));
    this.#wireBytes = 0;
    this.#entered?.resolve();
    if (this.#isSampled) this.#ears.seen(this.#client.index, own.value.ackSeq);
  }

  #control(frame: Uint8Array): void {
    const message = decodeWorldControl(frame);
    if (message.ok) this.#answer(message.value);
    else this.#entered?.reject(new Error(message.fault.detail));
  }

  #answer(message: WorldMessage): void {
    if (message.t === "challenge") {
      const bytes = proofBytes({ world: message.world, worldNonce: message.nonce, clientNonce: this.#nonce });
      this.#say({ t: "prove", signature: nodeEd25519.sign(bytes, this.#secret) });
    } else if (message.t === "manifest") this.#say({ t: "ready", substrate: message.substrate });
    else if (message.t === "reject" && message.final) {
      if (message.fault.code === "busy") this.retryAfterMs = message.fault.retryAfterMs;
      this.#entered?.reject(new Error(`${message.fault.code}: ${message.fault.detail}`));
    }
  }

  #say(message: ClientMessage): void {
    this.#client.send(maskedFrame(encodeControl(message)));
  }
}

function kindOf(bytes: Buffer, at: number, length: number): keyof Kinds {
  if (bytes[at] === FRAME.own) return "own";
  if (bytes[at] !== FRAME.snapshot) return "control";
  // A snapshot's last byte is its count of parts when it has none, and a live client is not shown the end of any longer one.
  return length < LEAST_PART && bytes[at + length - 1] === 0 ? "quiet" : "told";
}
