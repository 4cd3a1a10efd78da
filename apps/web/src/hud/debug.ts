// Figures of the link and the picture, for those who want to see underneath (F3).
import type { Visitor } from "@sojourn/client";
import { HUD } from "../limits.ts";
import { element, say } from "../page/element.ts";
import { bytesText } from "../page/strings.ts";

export class DebugPanel {
  readonly root: HTMLElement = element("pre", { class: "debug", testId: "debug" });
  private frames = 0;
  private lastMs = 0;
  private lastIn = 0;
  private lastOut = 0;

  constructor() {
    this.root.hidden = true;
  }

  toggle(): void {
    this.root.hidden = !this.root.hidden;
  }

  update(visitor: Visitor, timeMs: number, picture: { readonly calls: number; readonly triangles: number; readonly zoom: number }): void {
    this.frames++;
    const passedMs = timeMs - this.lastMs;
    if (this.root.hidden || passedMs < HUD.debugEveryMs) return;
    const { stats, me } = visitor;
    const perSecond = (bytes: number): string => `${bytesText(Math.round((bytes * 1_000) / passedMs))}/s`;
    const lines = [
      `fps         ${Math.round((this.frames * 1_000) / passedMs)}`,
      `round trip  ${Math.round(stats.rttMs)} ms`,
      `tick        ${stats.tick} at ${stats.tickHz} Hz`,
      `in · out    ${perSecond(stats.bytesIn - this.lastIn)} · ${perSecond(stats.bytesOut - this.lastOut)}`,
      `entities    ${stats.entities}`,
      `correction  ${stats.correction.toFixed(3)} (${stats.corrections} seen, largest ${stats.largestCorrection.toFixed(2)})`,
      `others      ${Math.round(stats.interpolationMs)} ms ago`,
      `reconnects  ${stats.reconnects}`,
      `draw calls  ${picture.calls} · ${picture.triangles} triangles · zoom ${picture.zoom}`,
      `at          ${me === undefined ? "–" : `${me.x.toFixed(2)}, ${me.y.toFixed(2)}`}`,
      `substrate   ${visitor.manifest?.substrate.slice(0, 16) ?? "–"}…`,
    ];
    say(this.root, lines.join("\n"));
    this.frames = 0;
    this.lastMs = timeMs;
    this.lastIn = stats.bytesIn;
    this.lastOut = stats.bytesOut;
  }
}
