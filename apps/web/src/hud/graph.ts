// A small picture of the last half minute of one figure: bars from the right, and a red mark where something went wrong.
import { HUD } from "../limits.ts";
import { element } from "../page/element.ts";

export class Graph {
  readonly root: HTMLElement;
  private readonly canvas = element("canvas", { attributes: { "aria-hidden": "true" } });
  private readonly caption = element("figcaption");
  private readonly values = new Float64Array(HUD.graphBars);
  private readonly marks = new Uint8Array(HUD.graphBars);
  private next = 0;

  constructor() {
    this.canvas.width = HUD.graphBars * HUD.graphBarPx;
    this.canvas.height = HUD.graphPx;
    this.root = element("figure", {}, this.canvas, this.caption);
  }

  /** Adds the newest value. `caption` says what the graph shows, and its value in words. */
  put(value: number, isMarked: boolean, caption: string): void {
    this.values[this.next] = Number.isFinite(value) ? Math.max(0, value) : 0;
    this.marks[this.next] = isMarked ? 1 : 0;
    this.next = (this.next + 1) % HUD.graphBars;
    this.caption.textContent = caption;
    this.draw();
  }

  private draw(): void {
    const brush = this.canvas.getContext("2d");
    if (brush === null) return;
    const { width, height } = this.canvas;
    // The tallest bar is the scale, with a little air above it.
    let most = 1;
    for (const value of this.values) most = Math.max(most, value);
    brush.clearRect(0, 0, width, height);
    for (let i = 0; i < HUD.graphBars; i++) {
      const at = (this.next + i) % HUD.graphBars;
      const tall = Math.round(((this.values[at] as number) / (most * 1.1)) * height);
      brush.fillStyle = this.marks[at] === 1 ? "#ff9482" : "#f7b548";
      if (this.marks[at] === 1) brush.fillRect(i * HUD.graphBarPx, 0, HUD.graphBarPx - 1, height);
      else brush.fillRect(i * HUD.graphBarPx, height - tall, HUD.graphBarPx - 1, tall);
    }
  }
}
