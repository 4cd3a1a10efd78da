// Words over the world: names, hearts of the hurt, speech, floating words. Pooled elements, moved every frame, written seldom.
import type { ViewEntity, ViewFrame } from "@sojourn/client";
import type { PortalInfo } from "@sojourn/protocol";
import { halfHearts, heartRow } from "../hud/status.ts";
import { HUD } from "../limits.ts";
import { element, moveTo, say } from "../page/element.ts";

/** World units to CSS pixels of the picture. */
export type ToPage = (x: number, y: number) => { x: number; y: number };

interface Bubble {
  readonly entity: number;
  readonly root: HTMLElement;
  readonly untilMs: number;
}

interface Float {
  readonly root: HTMLElement;
  readonly x: number;
  readonly y: number;
  readonly untilMs: number;
}

const FADE_MS = 400;

export class Labels {
  readonly root: HTMLElement = element("div", { class: "labels", attributes: { "aria-hidden": "true" } });
  private readonly names = new Map<number | string, HTMLElement>();
  private readonly hearts = new Map<number, { readonly root: HTMLElement; shown: number }>();
  private bubbles: Bubble[] = [];
  private floats: Float[] = [];

  /** A speech bubble over someone; an older one of the same speaker gives way. */
  speak(entity: number, text: string, nowMs: number): void {
    const inner = element("span", { text, testId: "bubble" });
    const root = element("div", { class: "bubble" }, inner);
    for (const bubble of this.bubbles) if (bubble.entity === entity) bubble.root.remove();
    this.bubbles = this.bubbles.filter((bubble) => bubble.entity !== entity);
    this.bubbles.push({ entity, root, untilMs: nowMs + HUD.bubbleMs + text.length * HUD.bubbleCharMs });
    this.root.append(root);
    // Centred by halves: an odd width would lie between pixels and tear the frame.
    inner.style.width = `${Math.ceil((inner.offsetWidth + 1) / 2) * 2}px`;
    if (this.bubbles.length > HUD.bubbles) this.bubbles.shift()?.root.remove();
  }

  float(text: string, x: number, y: number, nowMs: number): void {
    const root = element("div", { class: "float" }, element("span", { text }));
    this.root.append(root);
    this.floats.push({ root, x, y, untilMs: nowMs + HUD.floatMs });
    if (this.floats.length > HUD.floats) this.floats.shift()?.root.remove();
  }

  /** @param heights how far above its middle an entity's picture ends, units */
  update(frame: ViewFrame, portals: readonly PortalInfo[], toPage: ToPage, heightOf: (entity: ViewEntity) => number, nowMs: number): void {
    const shown = namedNearest(frame);
    const present = new Set<number | string>();
    for (const entity of shown) {
      present.add(entity.id);
      const at = toPage(entity.x, entity.y - heightOf(entity));
      this.place(entity.id, entity.isMe ? "name me" : "name", entity.name, at.x, at.y - 2);
    }
    for (const portal of portals) {
      const key = `portal ${portal.name}`;
      const far = frame.me === undefined ? 0 : Math.hypot(portal.x + portal.w / 2 - frame.me.x, portal.y + portal.h / 2 - frame.me.y);
      if (far > 12) continue;
      present.add(key);
      const at = toPage(portal.x + portal.w / 2, portal.y + portal.h + 0.9);
      this.place(key, "name portal", portal.label, at.x, at.y);
    }
    for (const [key, label] of this.names) {
      if (present.has(key)) continue;
      label.remove();
      this.names.delete(key);
    }
    this.moveBubbles(frame, toPage, heightOf, nowMs);
    this.floats = this.floats.filter(({ root, x, y, untilMs }) => {
      const at = toPage(x, y);
      moveTo(root, at.x, at.y);
      if (nowMs > untilMs) root.remove();
      return nowMs <= untilMs;
    });
  }

  /** Hearts over those who are hurt: entity → part of full health. */
  updateHearts(hurt: ReadonlyMap<number, number>, frame: ViewFrame, toPage: ToPage, heightOf: (entity: ViewEntity) => number): void {
    for (const entity of frame.entities) {
      const part = hurt.get(entity.id);
      if (part === undefined) continue;
      let row = this.hearts.get(entity.id);
      if (row === undefined) {
        row = { root: element("div", {}, element("div", { class: "hearts" })), shown: -1 };
        this.hearts.set(entity.id, row);
        this.root.append(row.root);
      }
      const full = halfHearts(part);
      if (full !== row.shown) row.root.firstElementChild?.replaceChildren(...heartRow(full));
      row.shown = full;
      const at = toPage(entity.x, entity.y - heightOf(entity));
      moveTo(row.root, at.x, at.y - 22);
    }
    for (const [id, row] of this.hearts) {
      if (hurt.has(id) && frame.entities.some((entity) => entity.id === id)) continue;
      row.root.remove();
      this.hearts.delete(id);
    }
  }

  /** Another world: nothing said here goes along. */
  clear(): void {
    for (const { root } of [...this.bubbles, ...this.floats, ...this.hearts.values()]) root.remove();
    for (const label of this.names.values()) label.remove();
    this.names.clear();
    this.hearts.clear();
    this.bubbles = [];
    this.floats = [];
  }

  private place(key: number | string, className: string, text: string, x: number, y: number): void {
    let label = this.names.get(key);
    if (label === undefined) {
      label = element("div", {}, element("span"));
      this.names.set(key, label);
      this.root.prepend(label);
    }
    if (label.className !== className) label.className = className;
    say(label.firstElementChild as HTMLElement, text);
    moveTo(label, x, y);
  }

  private moveBubbles(frame: ViewFrame, toPage: ToPage, heightOf: (entity: ViewEntity) => number, nowMs: number): void {
    this.bubbles = this.bubbles.filter((bubble) => {
      const speaker = frame.entities.find((entity) => entity.id === bubble.entity);
      if (nowMs > bubble.untilMs || speaker === undefined) {
        bubble.root.remove();
        return false;
      }
      const at = toPage(speaker.x, speaker.y - heightOf(speaker));
      moveTo(bubble.root, at.x, at.y - (speaker.kind.sprite === "traveller" ? 28 : 12));
      bubble.root.classList.toggle("fading", nowMs > bubble.untilMs - FADE_MS);
      return true;
    });
  }
}

/** Travellers and those who look like one, the nearest first, as many as can be read. */
function namedNearest(frame: ViewFrame): ViewEntity[] {
  const named = frame.entities.filter((entity) => entity.kind.sprite === "traveller" && entity.name !== "");
  const { me } = frame;
  if (named.length <= HUD.labels || me === undefined) return named.slice(0, HUD.labels);
  const far = (entity: ViewEntity): number => Math.hypot(entity.x - me.x, entity.y - me.y);
  return named.sort((a, b) => far(a) - far(b)).slice(0, HUD.labels);
}
