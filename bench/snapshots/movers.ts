// `bench movers`: what ten thousand moving entities cost in the data plane alone, without sockets: encoding every cell that changed and
// finding a frame for each of a thousand who look on.
import process from "node:process";
import { CellEncoder, type CellKey, EntityColumns, fieldTable, GRID, ViewFrames, viewingCell } from "@sojourn/protocol";
import { seededRandom } from "@sojourn/runtime";
import { type Command, numberOf } from "../command.ts";
import { median, percentile, rounded } from "../figures.ts";
import { provenance } from "../machine.ts";
import { progress, table } from "../progress.ts";
import { keepResult } from "../results.ts";
import { TICK_HZ } from "./workloads.ts";

const SIDE = 1_000;
const VIEW_RADIUS = 50;
/** 256ths of a unit in one tick, at 5 units a second. */
const STEP = (5 * GRID) / TICK_HZ;
const WARM_UP_TICKS = 100;

export const movers: Command = {
  name: "movers",
  about: "encoding and interest of ten thousand moving entities, CPU milliseconds a tick",
  options: {
    entities: { type: "string", default: "10000", about: "that all move in every tick" },
    viewers: { type: "string", default: "1000", about: "of them who look on, each from where it is" },
    ticks: { type: "string", default: "400", about: "measured ones" },
  },
  more: [
    `Spread over ${SIDE} × ${SIDE} units, view radius ${VIEW_RADIUS}. steady: one in 40 turns in a tick; restless: all do, the worst there is.`,
    "encodeMs and interestMs are CPU time of this process, medians over the ticks; p99Ms is of both together.",
  ],
  run: async (values, isJson, commandLine) => {
    const line = progress();
    const size = { entities: numberOf("entities", values.entities), viewers: numberOf("viewers", values.viewers) };
    const ticks = numberOf("ticks", values.ticks);
    const rows = [
      { walk: "steady", turnEvery: 40 },
      { walk: "restless", turnEvery: 1 },
    ].map(({ walk, turnEvery }) => {
      line.say(`${size.entities} ${walk} movers`);
      return { walk, ...measured({ ...size, ticks, turnEvery }) };
    });
    line.end();
    if (!isJson) process.stdout.write(`${table(rows, ["walk", "encodeMs", "interestMs", "bothMs", "p99Ms", "bytesPerViewerTick"])}\n`);
    const result = { ...provenance(commandLine), ...size, ticks, walks: rows };
    if (values.keep === true) keepResult("movers", result);
    return result;
  },
};

interface Herd {
  readonly entities: number;
  readonly viewers: number;
  readonly ticks: number;
  readonly turnEvery: number;
}

function measured({ entities, viewers, ticks, turnEvery }: Herd): { readonly [figure: string]: number } {
  const random = seededRandom(5);
  const columns = new EntityColumns(fieldTable([]));
  const encoder = new CellEncoder(columns);
  const frames = new ViewFrames(encoder, VIEW_RADIUS);
  const herd = Array.from({ length: entities }, (_, n) => new Mover(columns, n + 1, random.next));
  const held: (CellKey | undefined)[] = new Array(viewers);
  const encodeUs: number[] = [];
  const interestUs: number[] = [];
  let bytes = 0;
  for (let tick = 1; tick <= WARM_UP_TICKS + ticks; tick++) {
    for (const mover of herd) mover.walk(turnEvery, random.next);
    const before = process.cpuUsage();
    frames.closeTick(tick);
    const between = process.cpuUsage(before);
    for (let viewer = 0; viewer < viewers; viewer++) {
      const { x, y } = herd[viewer] as Mover;
      const from = viewingCell(held[viewer], x, y);
      const got = frames.frames(held[viewer], from);
      held[viewer] = from;
      if (tick > WARM_UP_TICKS) for (const frame of got) bytes += frame.length;
    }
    const all = process.cpuUsage(before);
    if (tick <= WARM_UP_TICKS) continue;
    encodeUs.push(between.user + between.system);
    interestUs.push(all.user + all.system - between.user - between.system);
  }
  const bothUs = encodeUs.map((us, i) => us + (interestUs[i] as number));
  return {
    encodeMs: rounded(median(encodeUs) / 1_000),
    interestMs: rounded(median(interestUs) / 1_000),
    bothMs: rounded(median(bothUs) / 1_000),
    p99Ms: rounded(percentile(bothUs, 99) / 1_000),
    bytesPerViewerTick: rounded(bytes / viewers / ticks),
  };
}

class Mover {
  x: number;
  y: number;
  readonly #columns: EntityColumns;
  readonly #slot: number;
  #stepX = 0;
  #stepY = 0;

  constructor(columns: EntityColumns, id: number, random: () => number) {
    this.#columns = columns;
    this.#slot = columns.spawn(id);
    this.x = Math.floor(random() * SIDE * GRID) / GRID;
    this.y = Math.floor(random() * SIDE * GRID) / GRID;
    this.#turn(random);
  }

  walk(turnEvery: number, random: () => number): void {
    if (turnEvery === 1 || random() < 1 / turnEvery) this.#turn(random);
    if (this.x + this.#stepX < 0 || this.x + this.#stepX >= SIDE) this.#stepX = -this.#stepX;
    if (this.y + this.#stepY < 0 || this.y + this.#stepY >= SIDE) this.#stepY = -this.#stepY;
    this.x += this.#stepX;
    this.y += this.#stepY;
    this.#columns.moveTo(this.#slot, this.x, this.y);
  }

  #turn(random: () => number): void {
    const angle = random() * 2 * Math.PI;
    this.#stepX = Math.trunc(Math.cos(angle) * STEP) / GRID;
    this.#stepY = Math.trunc(Math.sin(angle) * STEP) / GRID;
  }
}
