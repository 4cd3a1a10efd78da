// A short menu at the pointer: what can be done with what is there.
import { button, element } from "../page/element.ts";

export interface Choice {
  readonly text: string;
  readonly act: () => void;
}

let open: HTMLElement | undefined;

/** True when a menu was open. */
export function closeMenu(): boolean {
  const was = open !== undefined;
  open?.remove();
  open = undefined;
  return was;
}

export function showMenu(host: HTMLElement, x: number, y: number, choices: readonly Choice[]): void {
  closeMenu();
  const buttons = choices.map(({ text, act }) =>
    button(
      text,
      () => {
        closeMenu();
        act();
      },
      { attributes: { role: "menuitem" } },
    ),
  );
  const menu = element("div", { class: "menu plain", testId: "menu", attributes: { role: "menu" } }, ...buttons);
  menu.addEventListener("keydown", (event) => {
    event.stopPropagation();
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    if (event.key === "Escape") closeMenu();
    if (event.key === "ArrowDown") buttons[(at + 1) % buttons.length]?.focus();
    if (event.key === "ArrowUp") buttons[(at + buttons.length - 1) % buttons.length]?.focus();
  });
  host.append(menu);
  open = menu;
  const { clientWidth, clientHeight } = host;
  menu.style.left = `${Math.max(4, Math.min(x, clientWidth - menu.offsetWidth - 4))}px`;
  menu.style.top = `${Math.max(4, Math.min(y, clientHeight - menu.offsetHeight - 4))}px`;
  buttons[0]?.focus();
}
