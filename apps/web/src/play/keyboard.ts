// Keys: a direction while they are held, deeds when they are pressed. Keys mean places on the keyboard where they move (WASD on
// any layout), and letters where they are named on the screen.

export interface KeyDeeds {
  interact(): void;
  slot(index: number, only: boolean): void;
  drop(): void;
  place(): void;
  chat(): void;
  escape(): void;
  debug(): void;
  locker(): void;
  customs(): void;
  help(): void;
}

const WAYS: { readonly [code: string]: readonly [number, number] } = {
  KeyW: [0, -1],
  ArrowUp: [0, -1],
  KeyS: [0, 1],
  ArrowDown: [0, 1],
  KeyA: [-1, 0],
  ArrowLeft: [-1, 0],
  KeyD: [1, 0],
  ArrowRight: [1, 0],
};

export class Keyboard {
  private readonly held = new Set<string>();
  private readonly deeds: KeyDeeds;
  private readonly stop = new AbortController();

  constructor(deeds: KeyDeeds) {
    this.deeds = deeds;
    const { signal } = this.stop;
    addEventListener("keydown", (event) => this.down(event), { signal });
    addEventListener("keyup", (event) => this.held.delete(event.code), { signal });
    addEventListener("blur", () => this.held.clear(), { signal });
  }

  /** Each −1, 0 or 1. */
  direction(): { x: number; y: number } {
    let x = 0;
    let y = 0;
    for (const code of this.held) {
      const way = WAYS[code];
      if (way === undefined) continue;
      x += way[0];
      y += way[1];
    }
    return { x: Math.sign(x), y: Math.sign(y) };
  }

  dispose(): void {
    this.stop.abort();
  }

  private down(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = event.target;
    if (at instanceof HTMLInputElement) return;
    const onButton = at instanceof HTMLButtonElement;
    if (event.code in WAYS) {
      if (onButton) at.blur();
      this.held.add(event.code);
      event.preventDefault();
      return;
    }
    if (onButton && (event.key === "Enter" || event.key === " ")) return;
    if (!event.repeat && this.press(event)) event.preventDefault();
  }

  private press(event: KeyboardEvent): boolean {
    const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
    if (digit !== undefined) {
      this.deeds.slot(Number(digit) - 1, event.shiftKey);
      return true;
    }
    const deed = {
      e: () => this.deeds.interact(),
      q: () => this.deeds.drop(),
      p: () => this.deeds.place(),
      l: () => this.deeds.locker(),
      c: () => this.deeds.customs(),
      h: () => this.deeds.help(),
      enter: () => this.deeds.chat(),
      escape: () => this.deeds.escape(),
      f3: () => this.deeds.debug(),
    }[event.key.toLowerCase()];
    deed?.();
    return deed !== undefined;
  }
}
