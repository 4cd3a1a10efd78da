// What the page lets tests and curious people read, as `window.sojourn`. A debugging aid: nothing in the page depends on it.
import type { Visitor } from "@sojourn/client";
import type { ClientState } from "@sojourn/protocol";

export interface PageHandle {
  readonly visitor: Visitor | undefined;
  /** TITLE while the start page is shown. */
  readonly state: ClientState | "TITLE";
  /** Where things are drawn: world units to CSS pixels of the picture and back. */
  readonly picture:
    | {
        toPage(x: number, y: number): { readonly x: number; readonly y: number };
        toUnits(x: number, y: number): { readonly x: number; readonly y: number };
      }
    | undefined;
}

declare global {
  interface Window {
    readonly sojourn?: PageHandle;
  }
}
