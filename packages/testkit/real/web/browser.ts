// A real Chromium for tests of the page, drawing in software so that every machine draws the same.
import process from "node:process";
import { type Browser, chromium } from "playwright-core";

/** Set by `npm test`; a test that needs a browser passes over itself without one. */
export const CHROMIUM: string = process.env.CHROMIUM ?? "";

const FLAGS = [
  "--no-sandbox",
  "--use-gl=angle",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--force-color-profile=srgb",
];

export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
}
