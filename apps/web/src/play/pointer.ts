// Mouse and fingers on the picture: a click or tap on a spot, a menu on a spot, and a stick that appears where a finger drags.
import { WALK } from "../limits.ts";
import { element } from "../page/element.ts";

export interface PointerDeeds {
  /** A click or tap; CSS pixels of the canvas. */
  tap(x: number, y: number): void;
  menu(x: number, y: number): void;
  hover(x: number, y: number): void;
}

interface Stick {
  readonly pointer: number;
  readonly x: number;
  readonly y: number;
  readonly sinceMs: number;
  moved: boolean;
}

export class Pointer {
  private readonly canvas: HTMLCanvasElement;
  private readonly deeds: PointerDeeds;
  private readonly knob = element("i");
  private readonly ring: HTMLElement;
  private readonly stop = new AbortController();
  private stick: Stick | undefined;
  private way = { x: 0, y: 0 };

  constructor(canvas: HTMLCanvasElement, host: HTMLElement, deeds: PointerDeeds) {
    this.canvas = canvas;
    this.deeds = deeds;
    this.ring = element("div", { class: "touch", testId: "stick", attributes: { "aria-hidden": "true" } }, this.knob);
    this.ring.hidden = true;
    host.append(this.ring);
    const { signal } = this.stop;
    canvas.addEventListener("pointerdown", (event) => this.down(event), { signal });
    canvas.addEventListener("pointermove", (event) => this.move(event), { signal });
    canvas.addEventListener("pointerup", (event) => this.up(event), { signal });
    canvas.addEventListener("pointercancel", () => this.release(), { signal });
    canvas.addEventListener(
      "contextmenu",
      (event) => {
        event.preventDefault();
        if (this.stick === undefined) this.deeds.menu(...this.spot(event));
      },
      { signal },
    );
  }

  /** The stick's direction: length up to 1. */
  direction(): { x: number; y: number } {
    return this.way;
  }

  dispose(): void {
    this.stop.abort();
    this.ring.remove();
  }

  private spot(event: MouseEvent): [number, number] {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  private down(event: PointerEvent): void {
    this.canvas.focus({ preventScroll: true });
    if (event.pointerType === "mouse") {
      if (event.button === 0) this.deeds.tap(...this.spot(event));
      return;
    }
    if (this.stick !== undefined) return;
    const [x, y] = this.spot(event);
    this.stick = { pointer: event.pointerId, x, y, sinceMs: event.timeStamp, moved: false };
    this.canvas.setPointerCapture(event.pointerId);
  }

  private move(event: PointerEvent): void {
    const [x, y] = this.spot(event);
    const { stick } = this;
    if (stick === undefined || stick.pointer !== event.pointerId) {
      if (event.pointerType === "mouse") this.deeds.hover(x, y);
      return;
    }
    const dx = x - stick.x;
    const dy = y - stick.y;
    const length = Math.hypot(dx, dy);
    if (!stick.moved && length < WALK.tapPx) return;
    stick.moved = true;
    this.ring.hidden = false;
    this.ring.style.left = `${stick.x}px`;
    this.ring.style.top = `${stick.y}px`;
    const part = Math.min(1, length / WALK.stickRadiusPx);
    const unit = length === 0 ? { x: 0, y: 0 } : { x: dx / length, y: dy / length };
    this.knob.style.transform = `translate(${unit.x * part * 40}px, ${unit.y * part * 40}px)`;
    this.way = part < WALK.stickDeadZone ? { x: 0, y: 0 } : { x: unit.x * part, y: unit.y * part };
  }

  private up(event: PointerEvent): void {
    const { stick } = this;
    if (stick === undefined || stick.pointer !== event.pointerId) return;
    const tapped = !stick.moved && event.timeStamp - stick.sinceMs < WALK.tapMs;
    const held = !stick.moved && !tapped;
    this.release();
    if (tapped) this.deeds.tap(stick.x, stick.y);
    else if (held) this.deeds.menu(stick.x, stick.y);
  }

  private release(): void {
    this.stick = undefined;
    this.way = { x: 0, y: 0 };
    this.ring.hidden = true;
  }
}
