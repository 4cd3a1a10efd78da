// The card that says how to get about, and the small questions the page itself asks.
import { LIMITS } from "@sojourn/protocol";
import { button, element } from "../page/element.ts";
import { WORDS } from "../page/strings.ts";
import { type Dialog, showDialog } from "./dialog.ts";
import { sharingControl } from "./sharing.ts";

export interface HelpDeeds {
  /** Shows the figures of the link: what F3 does, for those without keys. */
  figures(): void;
  leave(): void;
  /** Gives others so many bytes a second from now on; 0: shares nothing. */
  share(rate: number): void;
}

export function showHelp(host: HTMLElement, about: string, customs: readonly string[], deeds: HelpDeeds): Dialog {
  const { help } = WORDS;
  const rows = help.rows.flatMap(([keys, meaning]) => [element("dt", { text: keys }), element("dd", { text: meaning })]);
  const close = button(help.close, () => dialog.close(), { class: "main", testId: "help-close", attributes: { "data-first": "" } });
  const dialog: Dialog = showDialog(
    host,
    { testId: "help", label: help.heading },
    element("h2", { text: help.heading }),
    ...(about === "" ? [] : [element("p", { text: about })]),
    matchMedia("(hover: none)").matches ? element("p", { text: help.touch }) : element("dl", {}, ...rows),
    element("p", { text: help.portals }),
    ...(customs.length === 0 ? [] : [element("ul", {}, ...customs.map((text) => element("li", { text })))]),
    sharingControl((rate) => deeds.share(rate)),
    element(
      "div",
      { class: "buttons" },
      close,
      button(
        help.figures,
        () => {
          dialog.close();
          deeds.figures();
        },
        { testId: "open-debug" },
      ),
      button(help.leave, () => deeds.leave(), { testId: "leave" }),
    ),
  );
  return dialog;
}

/** Asks for a line to write on something; resolves with undefined when the question was closed. */
export function askText(host: HTMLElement, title: string): Promise<string | undefined> {
  const { inventory } = WORDS;
  return new Promise((resolve) => {
    const input = element("input", {
      testId: "place-text",
      attributes: {
        "aria-label": inventory.placeText,
        maxlength: String(Math.floor(LIMITS.placedTextBytes / 2)),
        "data-first": "",
        autocomplete: "off",
      },
    });
    const form = element(
      "form",
      {},
      element("p", { text: inventory.placeText }),
      input,
      element("p", { text: inventory.placeTextHint }),
      element(
        "div",
        { class: "buttons" },
        element("button", { class: "main", text: inventory.place, testId: "place-confirm", attributes: { type: "submit" } }),
      ),
    );
    let answer: string | undefined;
    const dialog = showDialog(
      host,
      { testId: "place-dialog", label: title, onClose: () => resolve(answer) },
      element("h2", { text: title }),
      form,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      answer = input.value.trim();
      dialog.close();
    });
  });
}
