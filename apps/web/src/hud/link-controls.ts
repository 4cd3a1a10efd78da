// Controls that make one's own link worse, to see how the page bears it: names for links one meets, and a slider for each of their sides.
import { LINK_PRESETS, type LinkConditioner, type LinkConditions, type LinkPreset } from "@sojourn/client";
import { HUD } from "../limits.ts";
import { button, element } from "../page/element.ts";
import { LINK_WORDS, WORDS } from "../page/strings.ts";

interface Slider {
  readonly label: HTMLElement;
  readonly input: HTMLInputElement;
  readonly name: string;
  readonly words: (value: number) => string;
  readonly read: (conditions: LinkConditions) => number;
  readonly write: (value: number) => Partial<LinkConditions>;
}

export class LinkControls {
  readonly root: HTMLElement;
  private readonly conditioner: LinkConditioner;
  private readonly presets: ReadonlyMap<LinkPreset, HTMLButtonElement>;
  private readonly sliders: readonly Slider[];

  constructor(conditioner: LinkConditioner, focusWorld: () => void) {
    this.conditioner = conditioner;
    const { link } = WORDS.debug;
    const names = Object.keys(LINK_PRESETS) as LinkPreset[];
    this.presets = new Map(
      names.map((name) => {
        const choose = (): void => {
          this.set(LINK_PRESETS[name]);
          focusWorld();
        };
        return [name, button(LINK_WORDS[name], choose, { class: "small", testId: `link-${name}` })];
      }),
    );
    this.sliders = [
      this.slider(
        "delay",
        HUD.linkDelayMs,
        link.delay,
        ({ outMs, inMs }) => outMs + inMs,
        (ms) => ({ outMs: ms / 2, inMs: ms / 2 }),
      ),
      this.slider(
        "jitter",
        HUD.linkJitterMs,
        link.jitter,
        ({ jitterMs }) => jitterMs,
        (jitterMs) => ({ jitterMs }),
      ),
      this.slider(
        "stall",
        HUD.linkStallMs,
        link.stall,
        ({ stallMs }) => stallMs,
        (stallMs) => ({ stallMs, stallEveryMs: HUD.linkStallEveryMs }),
      ),
      this.slider(
        "rate",
        HUD.linkRate,
        link.rate,
        ({ bytesPerSecond }) => bytesPerSecond,
        (bytesPerSecond) => ({ bytesPerSecond }),
      ),
    ];
    // A finger that let go of a slider walks on; keys that move it keep it.
    for (const { input } of this.sliders) input.addEventListener("pointerup", focusWorld);
    this.root = element(
      "details",
      { class: "link-controls" },
      element("summary", { text: link.heading, testId: "link-controls" }),
      element("div", { class: "presets" }, ...this.presets.values()),
      ...this.sliders.map(({ label }) => label),
    );
    this.show();
  }

  private slider(name: string, most: number, words: Slider["words"], read: Slider["read"], write: Slider["write"]): Slider {
    const input = element("input", {
      testId: `link-${name}`,
      attributes: { type: "range", min: "0", max: String(most), step: String(most / HUD.linkSteps) },
    });
    input.addEventListener("input", () => this.set({ ...this.conditioner.conditions, ...write(Number(input.value)) }));
    return { label: element("label", {}, element("span"), input), input, name, words, read, write };
  }

  private set(conditions: LinkConditions): void {
    this.conditioner.conditions = conditions;
    this.show();
  }

  private show(): void {
    const { conditions } = this.conditioner;
    for (const [name, choice] of this.presets) choice.setAttribute("aria-pressed", String(isSame(LINK_PRESETS[name], conditions)));
    for (const { label, input, words, read } of this.sliders) {
      const value = read(conditions);
      input.value = String(value);
      if (label.firstElementChild !== null) label.firstElementChild.textContent = words(value);
    }
  }
}

function isSame(a: LinkConditions, b: LinkConditions): boolean {
  return (Object.keys(a) as (keyof LinkConditions)[]).every((name) => a[name] === b[name]);
}
