// Whether, and how much of, one shares the map with others: kept in this browser, told in plain words, off at a press. What one gives is
// never more than was set here.
import { GIVE_DEFAULTS, type SwarmOptions } from "@sojourn/client";
import { SHARING } from "../limits.ts";
import { button, element, say } from "../page/element.ts";
import { bytesText, WORDS } from "../page/strings.ts";

const KEY = "sojourn-sharing";
const RATES: readonly number[] = [0, ...SHARING.rates];

/** Bytes a second that are given to others; 0: nothing is shared, nobody is connected to. What was kept is no more than one of these. */
export function keptRate(): number {
  try {
    const kept = Number(globalThis.localStorage.getItem(KEY) ?? Number.NaN);
    return RATES.includes(kept) ? kept : GIVE_DEFAULTS.rate;
  } catch {
    return GIVE_DEFAULTS.rate;
  }
}

function keepRate(rate: number): void {
  try {
    globalThis.localStorage.setItem(KEY, String(rate));
  } catch {
    // A page that may keep nothing asks again after a reload.
  }
}

/** `friends`: worlds that may know where others are when the world itself is gone. */
export function sharingAt(rate: number, friends: readonly string[]): SwarmOptions | false {
  return rate === 0 ? false : { give: { ...GIVE_DEFAULTS, rate }, friends };
}

/** The part of the help card that is about sharing. `choose` hears of every change. */
export function sharingControl(choose: (rate: number) => void): HTMLElement {
  const { sharing } = WORDS;
  const choices = RATES.map((rate) => {
    const words = rate === 0 ? sharing.off : sharing.rate(bytesText(rate));
    return [rate, button(words, () => set(rate), { class: "small", testId: `share-${rate}` })] as const;
  });
  const state = element("p", { testId: "sharing-state", attributes: { role: "status" } });
  const show = (chosen: number): void => {
    for (const [rate, choice] of choices) choice.setAttribute("aria-pressed", String(rate === chosen));
    say(state, chosen === 0 ? sharing.isOff : sharing.isOn);
  };
  const set = (rate: number): void => {
    keepRate(rate);
    choose(rate);
    show(rate);
  };
  show(keptRate());
  return element(
    "section",
    { class: "sharing", testId: "sharing" },
    element("h3", { text: sharing.heading }),
    element("p", { text: sharing.about }),
    element("div", { class: "presets" }, ...choices.map(([, choice]) => choice)),
    state,
  );
}
