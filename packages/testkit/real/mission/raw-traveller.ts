// A traveller made of the protocol's messages alone, step by step as a test wants them: no state machine keeps it from wrong ones.
import { type KeyPair, keysFromSecret, proofBytes } from "@sojourn/passport";
import {
  type ClientMessage,
  decodeOwn,
  decodeWorldControl,
  encodeControl,
  encodeMove,
  FRAME,
  type Intent,
  type OwnState,
  type WorldMessage,
} from "@sojourn/protocol";
import { connect, type Link, randomBytes } from "@sojourn/runtime";
import { until } from "./until.ts";

type Said<T extends WorldMessage["t"]> = Extract<WorldMessage, { t: T }>;

export const newKeys = (): KeyPair => keysFromSecret(randomBytes(32));

/** A transfer's passport as it is presented. */
export function tokenOf({ passport, signature }: Said<"transfer">): string {
  return `${passport}.${Buffer.from(signature).toString("base64url")}`;
}

export class RawTraveller {
  readonly link: Link;
  readonly keys: KeyPair;
  readonly heard: WorldMessage[] = [];
  snapshots = 0;
  own: OwnState | undefined;
  private seq = 0;
  private moves = 0;
  private readonly nonce = randomBytes(32);

  private constructor(link: Link, keys: KeyPair) {
    this.link = link;
    this.keys = keys;
    link.onWake = () => queueMicrotask(() => this.drain());
  }

  /** A link that is open and on which nothing was said. */
  static async knock(playUrl: string, keys: KeyPair = newKeys()): Promise<RawTraveller> {
    const traveller = new RawTraveller(connect(playUrl), keys);
    await until("a link", () => traveller.link.state !== "connecting");
    return traveller;
  }

  /** Hello, proof, ready: live when it resolves. Throws with the fault of a rejection. */
  static async enter(playUrl: string, keys: KeyPair = newKeys(), passport?: string): Promise<RawTraveller> {
    const traveller = await RawTraveller.knock(playUrl, keys);
    await traveller.greet(passport);
    await traveller.ready();
    return traveller;
  }

  /** What a world says to this key and passport: the code of its refusal, or "manifest". */
  static async answerTo(playUrl: string, keys: KeyPair, passport: string): Promise<string> {
    const traveller = await RawTraveller.knock(playUrl, keys);
    await traveller.greet(passport);
    const answer = await until("an answer", () => traveller.last("manifest") ?? traveller.rejection());
    traveller.link.close();
    return answer.t === "reject" ? answer.fault.code : answer.t;
  }

  send(message: ClientMessage): void {
    this.link.send(encodeControl(message));
  }
  hello(passport?: string, versions: number[] = [1]): ClientMessage {
    const said = { t: "hello" as const, versions, traveller: this.keys.id, name: "Raw", nonce: this.nonce };
    return passport === undefined ? said : { ...said, passport };
  }
  /** The proof that answers the challenge. */
  async proof(passport?: string): Promise<ClientMessage> {
    const challenge = await until("a challenge", () => this.last("challenge"));
    const terms = { world: challenge.world, worldNonce: challenge.nonce, clientNonce: this.nonce, passport };
    return { t: "prove", signature: await this.keys.sign(proofBytes(terms)) };
  }
  async greet(passport?: string): Promise<void> {
    this.send(this.hello(passport));
    const heard = await until("a challenge or a refusal", () => this.last("challenge") ?? this.rejection());
    if (heard.t === "challenge") this.send(await this.proof(passport));
  }
  async ready(): Promise<void> {
    const answer = await until("a manifest", () => this.last("manifest") ?? this.rejection());
    if (answer.t === "reject") throw new Error(`${answer.fault.code}: ${answer.fault.detail}`);
    this.send({ t: "ready", substrate: answer.substrate });
    await until("a welcome and a snapshot", () => this.last("welcome") !== undefined && this.snapshots > 0 && this.own !== undefined);
  }

  intent(intent: Intent): number {
    this.seq += 1;
    this.send({ t: "intent", seq: this.seq, intent });
    return this.seq;
  }
  /** Walks one way, at the world's own pace, until something is found. */
  async walk<T>(what: string, dx: number, look: () => T | undefined | false): Promise<T> {
    const tickMs = 1_000 / (this.last("manifest")?.physics.tickHz ?? 20);
    let movedMs = 0;
    return await until(what, () => {
      const nowMs = performance.now();
      if (nowMs - movedMs >= tickMs && this.own?.frozen !== true) {
        movedMs = nowMs;
        this.moves += 1;
        this.link.send(encodeMove({ t: "move", seq: this.moves, dx, dy: 0 }));
      }
      return look();
    });
  }

  /** Walks one way into a portal, until the world hands out the passport. */
  async walkInto(dx: number): Promise<Said<"transfer">> {
    return await this.walk("a passport", dx, () => this.last("transfer"));
  }

  last<T extends WorldMessage["t"]>(t: T): Said<T> | undefined {
    return this.heard.findLast((message): message is Said<T> => message.t === t);
  }
  rejection(): Said<"reject"> | undefined {
    return this.heard.find((message): message is Said<"reject"> => message.t === "reject" && message.final);
  }
  /** Refusals that did not end the link, by code. */
  get refusals(): string[] {
    return this.heard.flatMap((message) => (message.t === "reject" && !message.final ? [message.fault.code] : []));
  }
  get kinds(): string[] {
    const told = this.heard.findLast((message) => message.t === "items" || message.t === "welcome");
    return told?.t === "items" || told?.t === "welcome" ? told.items.map(({ kind }) => kind).sort() : [];
  }
  /** The fault this link ends with. */
  async ended(what: string): Promise<string> {
    const code = (await until(`the end of ${what}`, () => this.rejection())).fault.code;
    await until(`the close of ${what}`, () => this.link.state === "closed");
    return code;
  }
  async leave(): Promise<void> {
    this.send({ t: "bye" });
    await until("goodbye", () => this.link.state === "closed");
  }

  private drain(): void {
    for (const frame of this.link.receive()) {
      if (frame[0] === FRAME.snapshot) this.snapshots += 1;
      else if (frame[0] === FRAME.own) {
        const own = decodeOwn(frame);
        if (own.ok) this.own = own.value;
      } else {
        const message = decodeWorldControl(frame);
        if (message.ok) this.heard.push(message.value);
      }
    }
  }
}
