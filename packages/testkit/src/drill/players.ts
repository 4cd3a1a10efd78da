// Two who play in a world that is about to die: they build, drop and carry, and wait as ghosts for it to come back, without being told anything.
import { setTimeout as sleep } from "node:timers/promises";
import { enter, type Visitor } from "@sojourn/client";

const POLL_MS = 20;
const PATIENCE_MS = 60_000;

export async function until(what: string, is: () => boolean, withinMs: number = PATIENCE_MS): Promise<void> {
  const end = performance.now() + withinMs;
  while (!is()) {
    if (performance.now() > end) throw new Error(`not in time: ${what}`);
    await sleep(POLL_MS);
  }
}

export class Player {
  readonly name: string;
  readonly visitor: Visitor;
  #refused = "";
  #news = 0;

  private constructor(name: string, visitor: Visitor) {
    this.name = name;
    this.visitor = visitor;
    visitor.on("reject", ({ fault }) => {
      this.#refused = fault.detail;
    });
    visitor.on("substrate", () => {
      this.#news += 1;
    });
  }

  static async enter(url: string, name: string): Promise<Player> {
    const player = new Player(name, enter(url, { name }));
    await player.live();
    return player;
  }

  /** How many versions of the world were shown so far. */
  get versions(): number {
    return this.#news;
  }

  live(): Promise<void> {
    return until(`${this.name} to be live`, () => this.visitor.state === "LIVE" && this.visitor.me !== undefined);
  }

  ghost(): Promise<void> {
    return until(`${this.name} to be a ghost`, () => this.visitor.ghost !== undefined);
  }

  /** Puts one of their things into the world beside them, for good; tries places around until one is free. */
  async build(kind: string, text?: string): Promise<void> {
    const item = this.#one(kind);
    const before = this.visitor.items.length;
    for (let turn = 0; turn < 16 && this.visitor.items.length === before; turn++) {
      const { x, y } = this.visitor.me ?? { x: 0, y: 0 };
      const angle = (turn / 8) * Math.PI;
      this.#refused = "";
      this.visitor.place(item, x + Math.cos(angle) * 1.6, y + Math.sin(angle) * 1.6, text);
      await until(`${this.name} to be told of the ${kind}`, () => this.visitor.items.length < before || this.#refused !== "");
    }
    if (this.visitor.items.length === before) throw new Error(`${this.name} could not place a ${kind}: ${this.#refused}`);
  }

  async drop(kind: string): Promise<void> {
    const item = this.#one(kind);
    this.visitor.drop(item);
    await until(`${this.name} to have dropped the ${kind}`, () => !this.visitor.items.some(({ id }) => id === item));
  }

  carried(): string[] {
    return this.visitor.items.map(({ kind }) => kind).sort();
  }

  #one(kind: string): string {
    const item = this.visitor.items.find((one) => one.kind === kind);
    if (item === undefined) throw new Error(`${this.name} has no ${kind}, only ${this.carried().join(", ")}`);
    return item.id;
  }
}
