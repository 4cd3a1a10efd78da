// Short words from the world or the page that come, are read aloud by a screen reader, and go.
import { HUD } from "../limits.ts";
import { element } from "../page/element.ts";

export type Tone = "info" | "good" | "warn";

export class Notices {
  readonly root: HTMLElement = element("div", {
    class: "notices",
    testId: "notices",
    attributes: { role: "log", "aria-live": "polite" },
  });

  say(text: string, tone: Tone = "info"): void {
    const last = this.root.lastElementChild;
    if (last !== null && last.textContent === text) last.remove();
    const notice = element("div", { class: "notice plain", text });
    notice.dataset.tone = tone;
    this.root.append(notice);
    while (this.root.childElementCount > HUD.notices) this.root.firstElementChild?.remove();
    setTimeout(() => notice.remove(), HUD.noticeMs + text.length * 20);
  }
}
