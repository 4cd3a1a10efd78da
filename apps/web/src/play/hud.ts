// All that lies over the picture, put together: who shows what, and where it stands on the page.
import type { LinkConditioner, Visitor } from "@sojourn/client";
import { Chat } from "../hud/chat.ts";
import { CrossingScreen } from "../hud/crossing.ts";
import { DebugPanel } from "../hud/debug.ts";
import type { PictureShelf } from "../hud/icons.ts";
import { Inventory, type InventoryDeeds } from "../hud/inventory.ts";
import { Loading, Streaming } from "../hud/loading.ts";
import { Notices } from "../hud/notices.ts";
import { Status } from "../hud/status.ts";
import { button, element, say, show } from "../page/element.ts";
import { WORDS } from "../page/strings.ts";
import { Labels } from "./labels.ts";

export interface HudDeeds extends InventoryDeeds {
  act(): void;
  chat(text: string): void;
  stay(): void;
  help(): void;
  locker(): void;
  customs(): void;
  focusWorld(): void;
}

export class Hud {
  readonly labels: Labels = new Labels();
  readonly status: Status = new Status();
  readonly notices: Notices = new Notices();
  readonly loading: Loading = new Loading();
  readonly streaming: Streaming = new Streaming();
  readonly debug: DebugPanel;
  readonly chat: Chat;
  readonly inventory: Inventory;
  readonly crossing: CrossingScreen;
  private readonly action: HTMLButtonElement;
  private readonly actionText = element("span", { testId: "hint" });
  private readonly lockerButton: HTMLButtonElement;
  private readonly lockerCount = element("span", { class: "count" });
  private readonly customsButton: HTMLButtonElement;

  constructor(root: HTMLElement, shelf: PictureShelf, conditioner: LinkConditioner, deeds: HudDeeds) {
    this.debug = new DebugPanel(conditioner, deeds.focusWorld);
    this.chat = new Chat(deeds.chat, deeds.focusWorld);
    this.inventory = new Inventory(shelf, deeds);
    this.crossing = new CrossingScreen(deeds.stay);
    this.action = button("", deeds.act, { class: "action", testId: "action" });
    this.action.append(element("kbd", { text: WORDS.hint.key }), this.actionText);
    this.action.hidden = true;
    this.lockerButton = button(WORDS.locker.open, deeds.locker, { testId: "open-locker" });
    this.lockerButton.append(this.lockerCount);
    this.customsButton = button(WORDS.customs.open, deeds.customs, { testId: "open-customs" });
    const talk = button(WORDS.chat.open, () => this.chat.open(), { testId: "open-chat" });
    const help = button(WORDS.help.open, deeds.help, { testId: "open-help" });
    root.append(
      element("div", { class: "vignette", attributes: { "aria-hidden": "true" } }),
      this.labels.root,
      element(
        "div",
        { class: "top" },
        element("div", { class: "corner" }, this.status.root, this.streaming.root),
        element("div", { class: "tools" }, this.customsButton, this.lockerButton, talk, help),
      ),
      element("div", { class: "middle" }, this.status.banner, this.notices.root),
      this.chat.root,
      element("div", { class: "bottom" }, this.inventory.card, this.action, this.inventory.root),
      this.debug.root,
      this.loading.root,
      this.crossing.root,
    );
  }

  /** What E does now; undefined when there is nothing to do. */
  setHint(text: string | undefined, pressable: boolean): void {
    show(this.action, text !== undefined);
    if (text !== undefined) say(this.actionText, text);
    show(this.action.firstElementChild as HTMLElement, pressable);
    this.action.disabled = !pressable;
  }

  update(visitor: Visitor, hasReport: boolean, pictures: string): void {
    this.status.setState(visitor.state);
    this.status.setWorld(visitor.manifest?.name ?? "");
    this.inventory.update(visitor.items, visitor.manifest, pictures);
    show(this.customsButton, hasReport);
    show(this.lockerButton, visitor.locker.length > 0);
    say(this.lockerCount, String(visitor.locker.length));
  }
}
