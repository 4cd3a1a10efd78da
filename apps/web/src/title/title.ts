// The start page: who one is, where to, enter. Remembers the name in this browser.
import { element, prefersStillness, say } from "../page/element.ts";
import { WORDS } from "../page/strings.ts";
import { drawLogo } from "./logo.ts";
import { startSky } from "./sky.ts";

/** A world one can enter from here. */
export interface Offer {
  readonly name: string;
  readonly url: string;
  readonly id?: string;
}

export interface Choice {
  readonly name: string;
  readonly url: string;
}

const NAME_KEY = "sojourn.name";
const WORLD_KEY = "sojourn.world";
const NAME_CHARS = 24;

/** Storage may be forbidden (private windows); then nothing is remembered. */
function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    return;
  }
}

function remembered(key: string): string {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

/** Shows the start page and resolves with what was chosen. `trouble` says how the last visit ended; `asked` is the address in ?world=. */
export function chooseWorld(root: HTMLElement, offers: readonly Offer[], asked: string | undefined, trouble: string): Promise<Choice> {
  const { title } = WORDS;
  const sky = element("canvas", { class: "sky", attributes: { "aria-hidden": "true" } });
  const logo = drawLogo(WORDS.productName, 12);
  logo.setAttribute("aria-hidden", "true");
  const heading = element(
    "h1",
    {},
    logo,
    element("span", { class: "unseen", text: WORDS.productName }),
    element("span", { class: "tagline", text: WORDS.tagline }),
  );
  const name = element("input", {
    testId: "name",
    attributes: {
      name: "name",
      maxlength: String(NAME_CHARS),
      placeholder: title.namePlaceholder,
      autocomplete: "nickname",
      spellcheck: "false",
    },
  });
  name.value = remembered(NAME_KEY);
  const worlds = new WorldList(offers, asked);
  const complaint = element("p", { class: "trouble", text: trouble, testId: "trouble", attributes: { role: "alert" } });
  const enter = element("button", { class: "main", text: title.enter, testId: "enter", attributes: { type: "submit" } });
  const form = element(
    "form",
    { class: "panel", attributes: { novalidate: "" } },
    element("label", {}, title.name, name, element("span", { class: "hint", text: title.nameHint })),
    worlds.root,
    complaint,
    enter,
  );
  const page = element("main", { class: "title", testId: "title" }, sky, heading, form);
  root.replaceChildren(page);
  const stop = startSky(sky, prefersStillness());
  if (name.value === "") name.focus();
  else enter.focus();
  return new Promise((resolve) => {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const who = name.value.trim();
      const problem = who === "" ? title.needName : worlds.problem();
      if (problem !== undefined) {
        say(complaint, problem);
        (who === "" ? name : worlds.address).focus();
        return;
      }
      remember(NAME_KEY, who);
      remember(WORLD_KEY, worlds.url());
      stop();
      page.remove();
      resolve({ name: who, url: worlds.url() });
    });
  });
}

const OTHER = "";

class WorldList {
  readonly root: HTMLElement;
  readonly address: HTMLInputElement;
  private readonly radios: HTMLInputElement[] = [];

  constructor(offers: readonly Offer[], asked: string | undefined) {
    const { title } = WORDS;
    const known = asked !== undefined && offers.some(({ url }) => url === asked);
    const last = remembered(WORLD_KEY);
    const first = asked !== undefined ? (known ? asked : OTHER) : (offers.find(({ url }) => url === last) ?? offers[0])?.url;
    this.address = element("input", {
      class: "address",
      testId: "address",
      attributes: {
        type: "url",
        inputmode: "url",
        placeholder: "http://localhost:7001",
        "aria-label": title.address,
        spellcheck: "false",
        autocapitalize: "off",
      },
    });
    this.address.value = asked !== undefined && !known ? asked : "";
    const rows = offers.map(({ name, url }) => this.row(name, url, url === first, element("span", { class: "hint", text: hostOf(url) })));
    const other = this.row(title.otherWorld, OTHER, first === undefined || first === OTHER, this.address);
    other.addEventListener("change", () => this.refresh());
    const none = offers.length === 0 ? element("span", { class: "hint", text: title.noWorlds }) : undefined;
    this.root = element("fieldset", {}, element("legend", { text: title.worlds }), none, ...rows, other);
    this.root.addEventListener("change", () => this.refresh());
    this.address.addEventListener("focus", () => {
      const radio = this.radios.at(-1);
      if (radio !== undefined) radio.checked = true;
    });
    this.refresh();
  }

  url(): string {
    const chosen = this.radios.find((radio) => radio.checked)?.value ?? OTHER;
    return chosen === OTHER ? withScheme(this.address.value.trim()) : chosen;
  }

  problem(): string | undefined {
    const url = this.url();
    if (url === "") return WORDS.title.needAddress;
    return URL.canParse(url) && /^(https?|wss?):$/.test(new URL(url).protocol) ? undefined : WORDS.title.badAddress;
  }

  private row(text: string, value: string, checked: boolean, detail: HTMLElement): HTMLElement {
    const radio = element("input", {
      attributes: { type: "radio", name: "world", value },
      testId: value === OTHER ? "other-world" : "world",
    });
    radio.checked = checked;
    this.radios.push(radio);
    return element("label", { class: "world" }, radio, text, detail);
  }

  private refresh(): void {
    this.address.hidden = this.radios.at(-1)?.checked !== true;
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** People type "localhost:7001". */
function withScheme(address: string): string {
  return address === "" || /^[a-z]+:\/\//i.test(address) ? address : `http://${address}`;
}
