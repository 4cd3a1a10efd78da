// What was said nearby, and the line to say something oneself.
import { LIMITS } from "@sojourn/protocol";
import { HUD } from "../limits.ts";
import { element } from "../page/element.ts";
import { WORDS } from "../page/strings.ts";

export class Chat {
  readonly root: HTMLElement;
  private readonly log = element("ol", { testId: "chat-log", attributes: { "aria-live": "polite", "aria-label": WORDS.chat.log } });
  private readonly input = element("input", {
    testId: "chat-input",
    attributes: {
      "aria-label": WORDS.chat.label,
      placeholder: WORDS.chat.placeholder,
      maxlength: String(Math.floor(LIMITS.chatBytes / 4)),
      autocomplete: "off",
      enterkeyhint: "send",
    },
  });
  private readonly form: HTMLFormElement;
  private readonly back: () => void;

  /** @param send what to do with a line · @param back gives the focus back to the picture */
  constructor(send: (text: string) => void, back: () => void) {
    this.back = back;
    this.form = element("form", {}, this.input);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.input.value.trim();
      this.input.value = "";
      this.close();
      if (text !== "") send(text);
    });
    this.input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") this.close();
    });
    this.root = element("div", { class: "chat" }, this.log, this.form);
  }

  open(): void {
    this.form.classList.add("open");
    this.input.focus();
  }

  /** `quiet` lines are no speech: comings and goings. */
  add(text: string, quiet = false): void {
    const line = element("li", { text });
    if (quiet) line.className = "quiet";
    this.log.append(line);
    while (this.log.childElementCount > HUD.chatLines) this.log.firstElementChild?.remove();
    this.log.scrollTop = this.log.scrollHeight;
  }

  private close(): void {
    this.form.classList.remove("open");
    this.input.blur();
    this.back();
  }
}
