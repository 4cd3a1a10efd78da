// The page's own tiny DOM layer. Law: what a world or a traveller wrote reaches the page as text, never as markup.

type Child = Node | string | undefined;

export interface ElementOptions {
  readonly class?: string;
  readonly text?: string;
  /** Shown to tests as data-testid. */
  readonly testId?: string;
  readonly attributes?: { readonly [name: string]: string };
  readonly on?: { readonly [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void };
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  options: ElementOptions = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (options.class !== undefined) made.className = options.class;
  if (options.text !== undefined) made.textContent = options.text;
  if (options.testId !== undefined) made.dataset.testid = options.testId;
  for (const [name, value] of Object.entries(options.attributes ?? {})) made.setAttribute(name, value);
  for (const [name, listener] of Object.entries(options.on ?? {})) made.addEventListener(name, listener as EventListener);
  for (const child of children) if (child !== undefined) made.append(child);
  return made;
}

export function button(text: string, press: () => void, options: ElementOptions = {}): HTMLButtonElement {
  const made = element("button", { ...options, text, attributes: { type: "button", ...options.attributes } });
  made.addEventListener("click", (event) => {
    event.stopPropagation();
    press();
  });
  return made;
}

/** Sets the text only when it changed: no work for the browser, no repetition for a screen reader. */
export function say(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

export function show(target: HTMLElement, visible: boolean): void {
  if (target.hidden === visible) target.hidden = !visible;
}

/** Moves an element to a place of its parent, CSS pixels. */
export function moveTo(target: HTMLElement, x: number, y: number): void {
  target.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
}

export function prefersStillness(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
