// A crossing as one sees it: the iris closes around the traveller, the border's word is shown, the iris opens in the other world.
import type { Crossing, CrossingStage } from "@sojourn/client";
import { button, element, prefersStillness, say, show } from "../page/element.ts";
import { CROSSING_WORDS, NEXT_OTHERWISE, NEXT_WORDS, WORDS } from "../page/strings.ts";
import { kindOf } from "./inventory.ts";

/** Stages of a way that goes on, in order. */
const WAY: readonly CrossingStage[] = ["asking", "holding", "presenting", "arrived"];
const CLOSED_STAGES: ReadonlySet<CrossingStage> = new Set(["holding", "presenting", "in-transit"]);
/** The iris stays closed at least this long, ms: a way between worlds is not a flicker. */
const CLOSED_MS = 1_300;
/** How long the end of a crossing stays readable, ms. */
const SHOWN_MS: { readonly [stage in CrossingStage]?: number } = { arrived: 2_600, refused: 7_000, returned: 7_000 };

export class CrossingScreen {
  readonly root: HTMLElement;
  private readonly warp = element("canvas", { class: "warp", attributes: { "aria-hidden": "true" } });
  private readonly heading = element("h2");
  private readonly reason = element("p");
  private readonly next = element("p");
  private readonly travels = element("p", { testId: "crossing-things" });
  private readonly kept = element("p", { testId: "crossing-kept" });
  private readonly steps = element("ul", { class: "steps", attributes: { "aria-hidden": "true" } });
  private readonly stay: HTMLButtonElement;
  private readonly panel: HTMLElement;
  private shown: CrossingStage | undefined;
  private hideAtMs = 0;
  private openAtMs = 0;
  private destination = "";

  constructor(stay: () => void) {
    this.stay = button(
      WORDS.stay,
      () => {
        this.stay.disabled = true;
        say(this.next, WORDS.staying);
        stay();
      },
      { testId: "stay" },
    );
    for (const _ of WAY) this.steps.append(element("li"));
    this.panel = element(
      "div",
      { class: "stage panel", testId: "crossing", attributes: { role: "status", "aria-live": "assertive" } },
      this.heading,
      this.reason,
      this.next,
      this.travels,
      this.kept,
      this.steps,
      this.stay,
    );
    this.panel.hidden = true;
    this.root = element("div", { class: "crossing" }, element("div", { class: "iris" }), this.warp, this.panel);
  }

  get closed(): boolean {
    return this.root.classList.contains("closed");
  }

  /**
   * @param ready the world one arrived in can be shown
   * @param titleOf what the world one is in calls a destination
   */
  update(crossing: Crossing | undefined, timeMs: number, ready: boolean, titleOf: (destination: string) => string): void {
    const stage = crossing?.stage;
    if (stage === "asking" || this.destination === "") this.destination = titleOf(crossing?.destination ?? "");
    if (stage === undefined) this.destination = "";
    if (stage !== this.shown) this.enter(crossing, timeMs);
    if (crossing !== undefined) this.tell(crossing);
    const over = stage === undefined || (this.hideAtMs > 0 && timeMs > this.hideAtMs);
    const needed = stage !== undefined && (CLOSED_STAGES.has(stage) || (stage === "arrived" && !ready));
    if (needed && !this.closed) this.openAtMs = timeMs + CLOSED_MS;
    const dark = needed || (this.closed && timeMs < this.openAtMs);
    this.root.classList.toggle("closed", dark);
    show(this.panel, !over);
    if (dark && !prefersStillness()) this.drawWarp(timeMs);
  }

  private enter(crossing: Crossing | undefined, timeMs: number): void {
    this.shown = crossing?.stage;
    this.stay.disabled = false;
    this.root.dataset.stage = this.shown ?? "";
    this.panel.dataset.stage = this.shown ?? "";
    const shownMs = this.shown === undefined ? undefined : SHOWN_MS[this.shown];
    this.hideAtMs = shownMs === undefined ? 0 : timeMs + shownMs;
    say(this.next, "");
  }

  private tell(crossing: Crossing): void {
    say(this.heading, CROSSING_WORDS[crossing.stage](this.destination));
    say(this.reason, crossing.fault?.detail ?? "");
    const isOver = crossing.stage === "refused" || crossing.stage === "returned";
    const known = crossing.fault === undefined ? undefined : NEXT_WORDS[crossing.fault.code];
    const next = known ?? (isOver ? NEXT_OTHERWISE : undefined);
    this.tellThings(crossing);
    if (!this.stay.disabled) say(this.next, next ?? "");
    show(this.reason, this.reason.textContent !== "");
    show(this.next, this.next.textContent !== "");
    show(this.stay, crossing.canStay || this.stay.disabled);
    const at = WAY.indexOf(crossing.stage === "in-transit" ? "presenting" : crossing.stage);
    show(this.steps, at >= 0);
    [...this.steps.children].forEach((step, i) => {
      step.className = i < at || crossing.stage === "arrived" ? "done" : i === at ? "now" : "";
    });
  }

  /** What is between the worlds with one, and what waits at home, while that is so. */
  private tellThings({ stage, rulings }: Crossing): void {
    const isOnTheWay = CLOSED_STAGES.has(stage) && rulings.length > 0;
    const things = rulings.filter(({ item }) => item !== "body");
    const { transit } = WORDS;
    const travels = named(things.filter(({ verdict }) => verdict !== "refuse"));
    const kept = named(things.filter(({ verdict }) => verdict === "refuse"));
    say(this.travels, travels === "" ? transit.nothing : transit.with(travels));
    say(this.kept, transit.kept(kept));
    show(this.travels, isOnTheWay);
    show(this.kept, isOnTheWay && kept !== "");
  }

  /** Streaks that fly outward: drawn coarse, shown large. */
  private drawWarp(timeMs: number): void {
    const w = 160;
    const h = Math.round((w * this.root.clientHeight) / Math.max(1, this.root.clientWidth));
    if (this.warp.width !== w || this.warp.height !== h) {
      this.warp.width = w;
      this.warp.height = h;
    }
    const paint = this.warp.getContext("2d");
    if (paint === null) return;
    paint.fillStyle = "#120c1e";
    paint.fillRect(0, 0, w, h);
    for (let i = 0; i < 90; i++) {
      const angle = i * 2.399 + 0.3 * Math.sin(timeMs / 2_300 + i);
      const age = (timeMs / 1_400 + i * 0.137) % 1;
      const far = age * age * w * 0.75 + 6;
      paint.fillStyle = i % 5 === 0 ? "#ffe2a0" : i % 2 ? "#b79cff" : "#6b4fd0";
      paint.globalAlpha = Math.min(1, age * 2);
      for (let tail = 0; tail < 1 + age * 6; tail++) {
        paint.fillRect(Math.round(w / 2 + Math.cos(angle) * (far - tail)), Math.round(h / 2 + Math.sin(angle) * (far - tail)), 1, 1);
      }
    }
    paint.globalAlpha = 1;
  }
}

/** Kinds of ruled things in words, like with like. */
function named(rulings: Crossing["rulings"]): string {
  const counts = new Map<string, number>();
  for (const { kind } of rulings) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => WORDS.transit.thing(kindOf(undefined, kind).title, count)).join(", ");
}
