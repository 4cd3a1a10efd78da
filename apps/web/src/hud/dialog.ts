// A dialog over the picture: keeps the focus inside, closes with Esc or a press beside it, gives the focus back.
import { element } from "../page/element.ts";

export interface Dialog {
  readonly root: HTMLElement;
  close(): void;
}

export interface DialogOptions {
  readonly class?: string;
  readonly testId: string;
  readonly label: string;
  readonly onClose?: () => void;
}

let open: Dialog | undefined;

/** The dialog now open, if any: one at a time. */
export function openDialog(): Dialog | undefined {
  return open;
}

export function showDialog(host: HTMLElement, options: DialogOptions, ...content: (Node | string)[]): Dialog {
  open?.close();
  const before = document.activeElement;
  const fixed = (part: Node | string): boolean =>
    part instanceof HTMLElement && (part.classList.contains("buttons") || part.classList.contains("seal"));
  const panel = element(
    "section",
    {
      class: `dialog panel ${options.class ?? ""}`,
      testId: options.testId,
      attributes: { role: "dialog", "aria-modal": "true", "aria-label": options.label, tabindex: "-1" },
    },
    element("div", { class: "scroll" }, ...content.filter((part) => !fixed(part))),
    ...content.filter(fixed),
  );
  const veil = element("div", { class: "veil" }, panel);
  const dialog: Dialog = {
    root: panel,
    close() {
      if (open !== dialog) return;
      open = undefined;
      veil.remove();
      if (before instanceof HTMLElement) before.focus();
      options.onClose?.();
    },
  };
  veil.addEventListener("pointerdown", (event) => {
    if (event.target === veil) dialog.close();
  });
  veil.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") dialog.close();
    if (event.key === "Tab") keepInside(panel, event);
  });
  host.append(veil);
  open = dialog;
  (panel.querySelector<HTMLElement>("[data-first]") ?? panel.querySelector<HTMLElement>("button, input") ?? panel).focus({
    preventScroll: true,
  });
  return dialog;
}

function keepInside(panel: HTMLElement, event: KeyboardEvent): void {
  const stops = [...panel.querySelectorAll<HTMLElement>("button:not(:disabled), input, [href]")];
  const first = stops[0];
  const last = stops.at(-1);
  if (first === undefined || last === undefined) return;
  const at = document.activeElement;
  if (event.shiftKey ? at === first || at === panel : at === last) {
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  }
}
