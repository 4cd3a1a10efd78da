// The plate in the upper left corner: where one is, how the link is, how one fares. And the banner of a ghost.
import type { ClientState } from "@sojourn/protocol";
import { element, say, show } from "../page/element.ts";
import { STATE_WORDS, WORDS } from "../page/strings.ts";

const HEARTS = 5;

export class Status {
  readonly root: HTMLElement;
  readonly banner: HTMLElement;
  private readonly world = element("div", { class: "world-name", testId: "world-name" });
  private readonly chip = element("div", { class: "chip", testId: "connection", attributes: { role: "status" } });
  private readonly health = element("div", { class: "hearts", testId: "health", attributes: { role: "img" } });
  private readonly bannerTitle = element("strong");
  private readonly bannerText = element("span", { testId: "ghost-age" });
  private readonly heir = element("div", { class: "heir", testId: "heir", attributes: { role: "note" } });
  private shownHearts = -1;

  constructor() {
    this.root = element("div", { class: "plate panel" }, this.world, this.chip, this.health, this.heir);
    this.heir.hidden = true;
    this.banner = element(
      "div",
      { class: "banner", testId: "ghost-banner", attributes: { role: "status" } },
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

  /** Under whose statement somebody goes on with a world here, or why this is a copy; undefined: neither. */
  setHeir(label: string | undefined, more = ""): void {
    show(this.heir, label !== undefined);
    say(this.heir, label ?? "");
    this.heir.title = more;
  }

  /** `part` of full health, 0 to 1. */
  setHealth(part: number | undefined): void {
    const hearts = part === undefined ? 0 : halfHearts(part);
    show(this.health, part !== undefined);
    if (hearts === this.shownHearts) return;
    this.shownHearts = hearts;
    this.health.setAttribute("aria-label", WORDS.health(Math.round((part ?? 0) * 100)));
    this.health.replaceChildren(...heartRow(hearts));
  }

  setGhost(world: string, ageMs: number | undefined): void {
    show(this.banner, ageMs !== undefined);
    if (ageMs === undefined) return;
    say(this.bannerTitle, WORDS.ghost.title(world));
    say(this.bannerText, WORDS.ghost.text(WORDS.seconds(Math.max(0, Math.round(ageMs / 1_000)))));
  }
}

/** A row of hearts, in half hearts: 10 is full. */
export function heartRow(halves: number): HTMLElement[] {
  return Array.from({ length: HEARTS }, (_, i) =>
    element("i", { class: halves >= 2 * i + 2 ? "full" : halves === 2 * i + 1 ? "half" : "" }),
  );
}

/** Part of full health in half hearts; who lives has at least half a heart. */
export function halfHearts(part: number): number {
  return Math.ceil(Math.min(1, Math.max(0, part)) * HEARTS * 2);
}
