// What one carries: a bar of slots, like with like, and a card for the one in hand.
import type { Item, ItemKindInfo, Manifest } from "@sojourn/protocol";
import { button, element } from "../page/element.ts";
import { WORDS } from "../page/strings.ts";
import { iconOf, type PictureShelf } from "./icons.ts";

const SLOTS = 9;

/** Items that look and are alike: one slot. */
export interface Stack {
  readonly kind: string;
  readonly items: readonly Item[];
}

/** Like with like, in the order the world lists them. Pure. */
export function stackItems(items: readonly Item[]): Stack[] {
  const stacks = new Map<string, Item[]>();
  for (const item of items) {
    const likeness = JSON.stringify([item.kind, Object.entries(item.props).sort(), item.contents.map((inner) => inner.id), item.sealed]);
    const stack = stacks.get(likeness);
    if (stack === undefined) stacks.set(likeness, [item]);
    else stack.push(item);
  }
  return [...stacks.values()].map((alike) => ({ kind: (alike[0] as Item).kind, items: alike }));
}

/** What worlds said of item kinds; the next world may not know what one brings. */
const heardOf = new Map<string, ItemKindInfo>();

export function rememberKinds(manifest: Manifest): void {
  for (const info of manifest.itemKinds) heardOf.set(info.kind, info);
}

/** What this world says of a kind, or else what an earlier one called it. */
export function kindOf(manifest: Manifest | undefined, kind: string): ItemKindInfo {
  const here = manifest?.itemKinds.find((info) => info.kind === kind);
  if (here !== undefined) return here;
  const { title, sprite, about } = heardOf.get(kind) ?? { title: kind, sprite: kind, about: "" };
  return { kind, title, sprite, about };
}

/** Facts in words: `damage 12 · lit`. */
export function factsOf(item: Item): string {
  const facts = Object.entries(item.props).map(([name, value]) =>
    value === true ? name : value === false ? "" : `${name} ${String(value)}`,
  );
  if (item.contents.length > 0) facts.push(WORDS.inventory.contents(item.contents.length));
  return facts.filter((fact) => fact !== "").join(" · ");
}

export interface InventoryDeeds {
  use(item: Item): void;
  drop(item: Item): void;
  place(item: Item, info: ItemKindInfo): void;
}

export class Inventory {
  readonly root: HTMLElement = element("div", {
    class: "inventory panel",
    testId: "inventory",
    attributes: { role: "toolbar", "aria-label": WORDS.inventory.heading },
  });
  readonly card: HTMLElement = element("div", { class: "card panel", testId: "item-card" });
  private readonly shelf: PictureShelf;
  private readonly deeds: InventoryDeeds;
  private stacks: Stack[] = [];
  private manifest: Manifest | undefined;
  private chosen = -1;
  private drawn = "";

  constructor(shelf: PictureShelf, deeds: InventoryDeeds) {
    this.shelf = shelf;
    this.deeds = deeds;
    this.card.hidden = true;
  }

  update(items: readonly Item[], manifest: Manifest | undefined, pictures: string): void {
    const key = JSON.stringify([items, manifest?.world, pictures]);
    if (key === this.drawn) return;
    const inHand = this.stacks[this.chosen]?.items[0]?.id;
    this.drawn = key;
    this.manifest = manifest;
    this.stacks = stackItems(items);
    this.chosen = inHand === undefined ? -1 : this.stacks.findIndex(({ items: alike }) => alike.some(({ id }) => id === inHand));
    this.draw();
  }

  /** Takes a slot in hand (0 is the first). */
  choose(slot: number): boolean {
    if (slot >= this.stacks.length) return false;
    this.chosen = slot;
    this.draw();
    return true;
  }

  /** Number keys: use what is there; with Shift only take it in hand. */
  press(slot: number, only: boolean): void {
    if (!this.choose(slot) || only) return;
    this.deed("use");
  }

  deed(what: "use" | "drop" | "place"): void {
    const item = this.stacks[this.chosen]?.items[0];
    if (item === undefined) return;
    const info = kindOf(this.manifest, item.kind);
    if (what === "place") {
      if (info.place !== undefined) this.deeds.place(item, info);
    } else this.deeds[what](item);
  }

  /** True when a card was open. */
  closeCard(): boolean {
    const was = !this.card.hidden;
    this.card.hidden = true;
    return was;
  }

  private draw(): void {
    const focused = [...this.root.children].indexOf(document.activeElement as Element);
    const slots = Math.max(SLOTS, this.stacks.length);
    this.root.replaceChildren(...Array.from({ length: slots }, (_, i) => this.slot(i)));
    (this.root.children[focused] as HTMLElement | undefined)?.focus();
    if (!this.card.hidden) this.openCard();
  }

  private slot(index: number): HTMLElement {
    const stack = this.stacks[index];
    const key = element("span", { class: "key", text: index < SLOTS ? String(index + 1) : "" });
    if (stack === undefined) return element("span", { class: "slot empty", attributes: { "aria-hidden": "true" } }, key);
    const info = kindOf(this.manifest, stack.kind);
    const made = button("", () => this.pressed(index), {
      class: "slot",
      testId: `slot-${stack.kind}`,
      attributes: {
        "aria-label": WORDS.inventory.slot(info.title, stack.items.length, index + 1),
        "aria-pressed": String(index === this.chosen),
        title: info.about === "" ? info.title : `${info.title} – ${info.about}`,
      },
    });
    const count = stack.items.length > 1 ? element("span", { class: "count", text: String(stack.items.length) }) : undefined;
    if (stack.items[0]?.sealed !== undefined) made.dataset.sealed = stack.items[0].sealed;
    made.append(iconOf(this.shelf, info.sprite), key, ...(count === undefined ? [] : [count]));
    return made;
  }

  private pressed(index: number): void {
    if (this.chosen === index && !this.card.hidden) {
      this.card.hidden = true;
      return;
    }
    this.chosen = index;
    this.card.hidden = false;
    this.draw();
  }

  private openCard(): void {
    const stack = this.stacks[this.chosen];
    const item = stack?.items[0];
    if (stack === undefined || item === undefined) {
      this.card.hidden = true;
      return;
    }
    const info = kindOf(this.manifest, stack.kind);
    const facts = factsOf(item);
    const buttons = element("div", { class: "buttons" });
    const isSealed = item.sealed !== undefined;
    if (info.use !== undefined && !isSealed) buttons.append(button(info.use, () => this.deed("use"), { class: "main", testId: "use" }));
    if (info.place !== undefined && !isSealed) buttons.append(button(info.place, () => this.deed("place"), { testId: "place" }));
    buttons.append(button(WORDS.inventory.drop, () => this.deed("drop"), { testId: "drop" }));
    this.card.replaceChildren(
      element("h3", { text: stack.items.length > 1 ? `${info.title} ×${stack.items.length}` : info.title }),
      ...(info.about === "" ? [] : [element("p", { text: info.about })]),
      ...(facts === "" ? [] : [element("p", { class: "facts", text: facts })]),
      ...(item.sealed === undefined
        ? []
        : [element("p", { class: "sealed", testId: "sealed", text: WORDS.inventory.sealed[item.sealed] })]),
      ...item.contents.map((inner) =>
        element("p", { class: "facts", text: `– ${kindOf(this.manifest, inner.kind).title} ${factsOf(inner)}` }),
      ),
      buttons,
    );
  }
}
