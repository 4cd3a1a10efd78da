// Travellers in one process of their own, on the client as players use it, keeping their passports on disk. Told to, each crosses to the
// other world and back, again and again. node travellers.ts <folder> <count> <urls as JSON>
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { enter, type Visitor } from "@sojourn/client";
import { nodeTraveller } from "@sojourn/client/node";
import { decodeWorldControl, FRAME } from "@sojourn/protocol";
import { connect, type Link, seededRandom } from "@sojourn/runtime";

export type TravellerOrder =
  /** So many cross, each after a pause of up to `pauseMs`, until `crossings` were made or `seconds` are over. */
  { readonly do: "cross"; readonly travellers: number; readonly pauseMs: number; readonly crossings?: number; readonly seconds?: number };

export interface CrossingFigures {
  /** From the passport's coming to the first snapshot of the destination; from the wish to cross to that snapshot. Milliseconds. */
  readonly passportMs: readonly number[];
  readonly wholeMs: readonly number[];
  readonly seconds: number;
  /** Crossings that did not end at the other world, by what ended them and the fault's code: `refused (busy)` before anything left. */
  readonly failures: { readonly [why: string]: number };
  /** Travellers who are live in neither world after the run: none may be. */
  readonly astray: number;
}

interface Crossed {
  readonly passportMs: number;
  readonly wholeMs: number;
}

const PATIENCE_MS = 20_000;
const LIVE_MS = 60_000;
const POLL_MS = 4;

const [, , folder = "", count = "0", urls = "[]"] = process.argv;
const homes = JSON.parse(urls) as readonly string[];

/** One traveller, and when on their links what they wait for came. */
class Crosser {
  readonly #visitor: Visitor;
  readonly #random;
  #passportMs = 0;
  #onSnapshot: (() => void) | undefined;
  #onFailure: ((why: string, detail?: string) => void) | undefined;

  constructor(n: number) {
    this.#random = seededRandom(n + 1);
    this.#visitor = enter(homes[n % homes.length] as string, {
      name: `Traveller ${n}`,
      ...nodeTraveller(join(folder, `traveller-${n}`)),
      connect: (url) => this.#overheard(connect(url)),
    });
    this.#visitor.on("crossing", ({ stage, fault }) => {
      if (stage === "refused" || stage === "returned") this.#onFailure?.(`${stage} (${fault?.code ?? "no reason"})`, fault?.detail);
    });
  }

  async live(): Promise<void> {
    if (!(await this.becomesLive())) throw new Error(`a traveller is ${this.#visitor.state} and not in a world`);
  }

  /** Whether they are live in a world in time. */
  async becomesLive(): Promise<boolean> {
    const endMs = performance.now() + LIVE_MS;
    while (this.#visitor.state !== "LIVE" || this.#visitor.me === undefined) {
      if (performance.now() > endMs) return false;
      await sleep(POLL_MS);
    }
    return true;
  }

  async pause(upToMs: number): Promise<void> {
    await sleep(this.#random.next() * upToMs);
  }

  /** One crossing, or why it did not end at the other world. */
  async cross(): Promise<Crossed | string> {
    await this.live();
    const startMs = performance.now();
    this.#passportMs = 0;
    const arrived = await new Promise<number | string>((resolve) => {
      const late = setTimeout(resolve, PATIENCE_MS, `not over within ${PATIENCE_MS / 1_000} s`);
      this.#onSnapshot = () => {
        clearTimeout(late);
        resolve(performance.now());
      };
      this.#onFailure = (why, detail) => {
        clearTimeout(late);
        process.stderr.write(`${why}: ${detail ?? ""}\n`);
        resolve(why);
      };
      this.#visitor.cross("gate");
    });
    this.#onSnapshot = undefined;
    this.#onFailure = undefined;
    return typeof arrived === "string" ? arrived : { passportMs: arrived - this.#passportMs, wholeMs: arrived - startMs };
  }

  /** Looks at what a link brings: a passport on one, the first snapshot on the next. */
  #overheard(link: Link): Link {
    const receive = link.receive.bind(link);
    let hasSnapshot = false;
    link.receive = () => {
      const frames = receive();
      for (const frame of frames) {
        if (frame[0] === FRAME.snapshot && !hasSnapshot) {
          hasSnapshot = true;
          if (this.#passportMs > 0) this.#onSnapshot?.();
        } else if (frame[0] === FRAME.control) {
          const message = decodeWorldControl(frame);
          if (message.ok && message.value.t === "transfer") this.#passportMs = performance.now();
        }
      }
      return frames;
    };
    return link;
  }
}

const crossers: Crosser[] = [];

async function run(order: TravellerOrder): Promise<CrossingFigures> {
  const startMs = performance.now();
  const endMs = order.seconds === undefined ? Number.POSITIVE_INFINITY : startMs + order.seconds * 1_000;
  const passportMs: number[] = [];
  const wholeMs: number[] = [];
  const failures: { [why: string]: number } = {};
  let begun = 0;
  const isOver = (): boolean => performance.now() >= endMs || (order.crossings !== undefined && begun >= order.crossings);
  await Promise.all(
    crossers.slice(0, order.travellers).map(async (crosser) => {
      while (!isOver()) {
        begun += 1;
        await crosser.pause(order.pauseMs);
        const crossed = await crosser.cross();
        // What ends after the time is no part of what was sustained in it.
        if (typeof crossed === "string") failures[crossed] = (failures[crossed] ?? 0) + 1;
        else if (performance.now() < endMs) {
          passportMs.push(crossed.passportMs);
          wholeMs.push(crossed.wholeMs);
          if (passportMs.length % 100 === 0) process.send?.({ crossed: passportMs.length });
        }
      }
    }),
  );
  const seconds = (Math.min(performance.now(), endMs) - startMs) / 1_000;
  const settled = await Promise.all(crossers.map((crosser) => crosser.becomesLive()));
  return { passportMs, wholeMs, seconds, failures, astray: settled.filter((isLive) => !isLive).length };
}

process.on("message", (order: TravellerOrder) => void run(order).then((figures) => process.send?.({ figures })));
process.on("disconnect", () => process.exit(0));
for (let n = 0; n < Number(count); n++) {
  const crosser = new Crosser(n);
  crossers.push(crosser);
  // Not all at once: a handshake costs signatures on both sides.
  if (n % 8 === 7) await crosser.live();
}
await Promise.all(crossers.map((crosser) => crosser.live()));
process.send?.({ live: crossers.length });
