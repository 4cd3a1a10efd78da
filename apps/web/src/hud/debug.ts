// Figures of the link and the picture for those who want to see underneath (F3, or a button of the help card), and a way to make the
// link worse on purpose.
import type { LinkConditioner, Visitor, VisitStats } from "@sojourn/client";
import { HUD } from "../limits.ts";
import { button, element, say } from "../page/element.ts";
import { bytesText, WORDS } from "../page/strings.ts";
import { Graph } from "./graph.ts";
import { LinkControls } from "./link-controls.ts";

/** What is known of the picture. */
export interface Picture {
  readonly calls: number;
  readonly zoom: number;
  /** Entities within the picture's edges. */
  readonly drawn: number;
}

const NOTHING = { tick: 0, bytesIn: 0, bytesOut: 0, framesIn: 0, framesOut: 0, corrections: 0 };

export class DebugPanel {
  readonly root: HTMLElement;
  private readonly figures = element("pre", { testId: "debug-figures" });
  private readonly traffic = new Graph();
  private readonly waiting = new Graph();
  private frames = 0;
  private lastMs = 0;
  // Ticks come in leaps while nothing happens: their rate is taken over the last while.
  private readonly ticks = new Float64Array(HUD.tickLooks);
  private readonly tickMs = new Float64Array(HUD.tickLooks);
  private looks = 0;
  private last: Pick<VisitStats, keyof typeof NOTHING> = NOTHING;

  constructor(conditioner: LinkConditioner, focusWorld: () => void) {
    const close = button(WORDS.close, () => this.toggle(), { class: "small", testId: "debug-close" });
    this.root = element(
      "section",
      { class: "debug plain", testId: "debug", attributes: { "aria-label": WORDS.debug.heading } },
      element("header", {}, element("strong", { text: WORDS.debug.heading }), close),
      this.figures,
      this.traffic.root,
      this.waiting.root,
      new LinkControls(conditioner, focusWorld).root,
    );
    this.root.hidden = true;
  }

  toggle(): void {
    this.root.hidden = !this.root.hidden;
  }

  update(visitor: Visitor, timeMs: number, look: () => Picture): void {
    this.frames++;
    const passedMs = timeMs - this.lastMs;
    if (this.root.hidden || passedMs < HUD.debugEveryMs) return;
    const { stats } = visitor;
    // The first look after the panel was closed, or another link, has nothing to compare with.
    const isFirst = passedMs > 4 * HUD.debugEveryMs || stats.bytesIn < this.last.bytesIn;
    const tickRate = this.tickRate(stats.tick, timeMs, isFirst);
    const { last, frames } = this;
    this.last = stats;
    this.lastMs = timeMs;
    this.frames = 0;
    if (isFirst) return;
    const rate = (now: number, before: number): number => (Math.max(0, now - before) * 1_000) / passedMs;
    const each = (name: keyof typeof NOTHING): number => rate(stats[name], last[name]);
    say(this.figures, figuresOf(visitor, stats, each, { ...look(), tickRate, fps: (frames * 1_000) / passedMs }));
    this.traffic.put(each("bytesIn"), false, WORDS.debug.traffic(bytesText(Math.round(each("bytesIn")))));
    this.waiting.put(stats.unanswered, stats.corrections > last.corrections, WORDS.debug.waiting(stats.unanswered));
  }

  private tickRate(tick: number, timeMs: number, isFirst: boolean): number {
    if (isFirst || tick < this.last.tick) this.looks = 0;
    const at = this.looks % HUD.tickLooks;
    const oldest = this.looks < HUD.tickLooks ? 0 : at;
    const rate = ((tick - (this.ticks[oldest] as number)) * 1_000) / (timeMs - (this.tickMs[oldest] as number));
    this.ticks[at] = tick;
    this.tickMs[at] = timeMs;
    this.looks++;
    return this.looks === 1 ? 0 : rate;
  }
}

function figuresOf(
  visitor: Visitor,
  stats: VisitStats,
  each: (name: keyof typeof NOTHING) => number,
  picture: Picture & { readonly fps: number; readonly tickRate: number },
): string {
  const { me, manifest, swarm } = visitor;
  const perSecond = (name: "bytesIn" | "bytesOut"): string => `${bytesText(Math.round(each(name)))}/s`;
  const rows: readonly (readonly [string, string])[] = [
    ["round trip", `${Math.round(stats.rttMs)} ms · jitter ${Math.round(stats.jitterMs)} ms`],
    ["tick", `${stats.tick} · ${picture.tickRate.toFixed(1)}/s · pace ${Math.round(stats.pace * 100)} %`],
    ["others", `${Math.round(stats.interpolationMs)} ms ago`],
    ["in", `${perSecond("bytesIn")} · ${Math.round(each("framesIn"))} frames/s`],
    ["out", `${perSecond("bytesOut")} · ${Math.round(each("framesOut"))} frames/s`],
    ["entities", `${stats.entities} held · ${picture.drawn} in the picture`],
    ["correction", `${stats.correction.toFixed(3)} · largest ${stats.largestCorrection.toFixed(2)} · ${stats.corrections} seen`],
    ["unanswered", `${stats.unanswered} steps`],
    ["picture", `${Math.round(picture.fps)} fps · ${picture.calls} calls · zoom ${picture.zoom}`],
    ["at", me === undefined ? "–" : `${me.x.toFixed(2)}, ${me.y.toFixed(2)}`],
    ["substrate", `${manifest?.substrate.slice(0, 16) ?? "–"}…`],
    ["sharing", sharingFigures(swarm)],
    ["reconnects", String(stats.reconnects)],
  ];
  return rows.map(([name, figure]) => `${name.padEnd(11)}${figure}`).join("\n");
}

function sharingFigures(swarm: Visitor["swarm"]): string {
  const { sharing } = WORDS;
  if (swarm === undefined) return sharing.none;
  return sharing.figures(swarm.members, bytesText(swarm.bytesIn), bytesText(swarm.bytesOut)) + sharing.left(swarm.left.length);
}
