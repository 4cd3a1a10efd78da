// What the docs say of the newest results: the picture and the table, both made from bench/results. Pure but for reading them.
import { type Result, readResults } from "../results.ts";
import type { Summary } from "../snapshots/rounds.ts";
import { TICK_HZ, WORKLOADS } from "../snapshots/workloads.ts";
import { drawing, type Panel } from "./drawing.ts";

interface SnapshotResult extends Result {
  readonly targets: readonly Summary[];
}

/** A rate below this is said beside the figure. */
const HELD_HZ = TICK_HZ * 0.975;
const TABLE_BEGIN = "<!-- figures: made by `npm run -s bench -- plot` -->";
const TABLE_END = "<!-- end of figures -->";

function newest(): { readonly workload: (typeof WORKLOADS)[number]; readonly result: SnapshotResult }[] {
  return WORKLOADS.flatMap((workload) => {
    const result = readResults(`snapshots-${workload.name.toLowerCase()}`).at(-1) as SnapshotResult | undefined;
    return result === undefined ? [] : [{ workload, result }];
  });
}

/** The picture of the newest results; undefined when there are none. */
export function picture(): string | undefined {
  const results = newest();
  const first = results[0]?.result;
  if (first === undefined) return undefined;
  const panels = results.map(({ workload, result }): Panel => {
    const bars = (figure: "cpuUsPerClientTick" | "bytesPerClientSec") =>
      result.targets.map((one) => ({
        target: one.target,
        // Traffic for each tick too: who does not hold the rate sends less for that alone.
        value: figure === "bytesPerClientSec" ? one[figure] / one.hz : one[figure],
        ...(one.hz < HELD_HZ && figure === "cpuUsPerClientTick" ? { note: `at ${Math.round(one.hz)} Hz` } : {}),
      }));
    return {
      title: workload.name,
      about: SHORT[workload.name] ?? workload.about,
      rows: [
        { label: "server CPU", unit: "µs per client and tick", bars: bars("cpuUsPerClientTick") },
        { label: "traffic", unit: "bytes per client and tick", bars: bars("bytesPerClientSec") },
      ],
    };
  });
  const subtitle = `${TICK_HZ} Hz, everybody moves in every tick. Less is better. ws and net are floors: the same bytes, made beforehand.`;
  return drawing(
    "What showing everybody everything around them costs",
    subtitle,
    panels,
    provenanceOf(results.map(({ result }) => result)),
  );
}

const SHORT: { readonly [name: string]: string } = {
  W1: "200 players, all see all",
  W2: "1,000 players, open world",
  W3: "1,000 players, half in a plaza",
};

function provenanceOf(results: readonly SnapshotResult[]): string {
  const { machine, node } = results[0] as SnapshotResult;
  const commits = [...new Set(results.map(({ commit }) => commit))].join(", ");
  const runs = Math.min(...results.flatMap(({ targets }) => targets.map((one) => one.runs)));
  return `${machine.cores} cores of ${machine.cpu}, ${machine.platform}, Node ${node}, commit ${commits}, ${runs === 1 ? "one run" : `medians of ${runs} interleaved runs`}`;
}

interface SubstrateResult extends Result {
  readonly worlds: readonly { readonly [figure: string]: number }[];
  readonly floor: { readonly [figure: string]: number };
}

const SUBSTRATE_COLUMNS: readonly (readonly [title: string, figure: string])[] = [
  ["chunks", "chunks"],
  ["MB", "worldMB"],
  ["built s", "buildSeconds"],
  ["built blocks/s", "buildBlocksPerSecond"],
  ["verified blocks/s", "verifyBlocksPerSecond"],
  ["first entry bytes", "firstBytes"],
  ["ms", "firstMs"],
  ["second entry bytes", "secondBytes"],
  ["ms", "secondMs"],
  ["a change: new bytes", "changeBytes"],
  ["its path", "pathBytes"],
  ["whole, s", "wholeSeconds"],
  ["whole, RSS MB", "wholeRssMB"],
  ["next whole, ms", "wholeNextMs"],
];

/** What worlds of very different size cost seen from the same spot; nothing when it was not measured. */
function substrateTable(): string[] {
  const result = readResults("substrate").at(-1) as SubstrateResult | undefined;
  if (result === undefined) return [];
  const { sha256BlocksPerSecond, blockBytes } = result.floor;
  return [
    `**Worlds** · the same view of worlds of very different size · \`${result.command}\` · ${result.date}, commit ${result.commit} · floor: ${sha256BlocksPerSecond} SHA-256 of ${blockBytes} bytes a second`,
    "",
    `| ${SUBSTRATE_COLUMNS.map(([title]) => title).join(" | ")} |`,
    `|${SUBSTRATE_COLUMNS.map(() => "---").join("|")}|`,
    ...result.worlds.map((world) => `| ${SUBSTRATE_COLUMNS.map(([, figure]) => world[figure] ?? "").join(" | ")} |`),
    "",
  ];
}

/** The page with the table of figures in it made anew. */
export function withFigures(page: string): string {
  const begin = page.indexOf(TABLE_BEGIN);
  const end = page.indexOf(TABLE_END);
  if (begin < 0 || end < begin) throw new Error("the page has no place for figures");
  return `${page.slice(0, begin + TABLE_BEGIN.length)}\n${tables()}\n${page.slice(end)}`;
}

function tables(): string {
  const parts = newest().map(({ workload, result }) => {
    const rows = result.targets.map((one) => {
      const cells = [one.target, one.cpuUsPerClientTick, one.hz, one.p99TickMs, one.bytesPerClientSec, one.p50Ms, one.p99Ms, one.rssMB];
      const ratios = [one.ratioToWsFloor, one.ratioToColyseusView, one.bytesToExact].map((ratio) => ratio ?? "");
      return `| ${[...cells, ...ratios].join(" | ")} |`;
    });
    return [
      `**${workload.name}** · ${workload.about} · \`${result.command}\` · ${result.date}, commit ${result.commit}`,
      "",
      "| server | CPU µs | Hz | p99 tick ms | bytes/s | p50 ms | p99 ms | RSS MB | CPU ÷ ws | CPU ÷ StateView | bytes ÷ exact |",
      "|---|---|---|---|---|---|---|---|---|---|---|",
      ...rows,
      "",
    ].join("\n");
  });
  const snapshots = parts.length === 0 ? [] : [`![CPU and traffic of each server under each workload](images/snapshots.svg)`, "", ...parts];
  return [...snapshots, ...substrateTable()].join("\n");
}
