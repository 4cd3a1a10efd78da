// The plate in the upper left corner: where one is, how the link is, how one fares. And the banner of a ghost.
import type { ClientState } from "@sojourn/protocol";
import { element, say, show } from "../page/element.ts";
import { STATE_WORDS, WORDS } from "../page/strings.ts";
import { drawBit } from "../scene/bits.ts";

const HEARTS = 5;

export class Status {
  readonly root: HTMLElement;
  readonly banner: HTMLElement;
  private readonly world = element("div", { class: "world-name", testId: "world-name" });
  private readonly chip = element("div", { class: "chip", testId: "connection", attributes: { role: "status" } });
  private readonly health = element("div", { class: "health", testId: "health", attributes: { role: "img" } });
  private readonly bannerTitle = element("strong");
  private readonly bannerText = element("span", { testId: "ghost-age" });
  private shownHearts = -1;

  constructor() {
    this.root = element("div", { class: "plate panel" }, this.world, this.chip, this.health);
    this.banner = element(
      "div",
      { class: "banner panel", testId: "ghost-banner", attributes: { role: "status" } },
      this.bannerTitle,
      this.bannerText,
    );
    this.banner.hidden = true;
  }

  setWorld(name: string): void {
    say(this.world, name);
  }

  setState(state: ClientState): void {
    if (this.chip.dataset.state === state) return;
    this.chip.dataset.state = state;
    say(this.chip, STATE_WORDS[state]);
    this.chip.setAttribute("aria-label", WORDS.connection(STATE_WORDS[state]));
  }

  /** `part` of full health, 0 to 1. */
  setHealth(part: number | undefined): void {
    const hearts = part === undefined ? 0 : Math.ceil(part * HEARTS);
    show(this.health, part !== undefined);
    if (hearts === this.shownHearts) return;
    this.shownHearts = hearts;
    this.health.setAttribute("aria-label", WORDS.health(Math.round((part ?? 0) * 100)));
    this.health.replaceChildren(...heartRow(hearts, 2));
  }

  setGhost(world: string, ageMs: number | undefined): void {
    show(this.banner, ageMs !== undefined);
    if (ageMs === undefined) return;
    say(this.bannerTitle, WORDS.ghost.title(world));
    say(this.bannerText, WORDS.ghost.text(WORDS.seconds(Math.max(0, Math.round(ageMs / 1_000)))));
  }
}

/** Full hearts and hollow ones, `scale` CSS pixels a dot. */
export function heartRow(full: number, scale: number): HTMLCanvasElement[] {
  return Array.from({ length: HEARTS }, (_, i) => {
    const heart = drawBit(i < full ? "heart" : "hollow");
    heart.style.width = `${heart.width * scale}px`;
    heart.style.height = `${heart.height * scale}px`;
    return heart;
  });
}

export function heartsFor(part: number): number {
  return Math.ceil(Math.min(1, Math.max(0, part)) * HEARTS);
}
