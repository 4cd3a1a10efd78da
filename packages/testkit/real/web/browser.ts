// A real Chromium for tests of the page, drawing in software so that every machine draws the same.
import { type Browser, chromium } from "playwright-core";
import { CHROMIUM_ADVICE, findChromium } from "../../../../tools/chromium.ts";

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

export async function startChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(`no Chromium: ${CHROMIUM_ADVICE}`);
  return chromium.launch({ executablePath, headless: true, args: FLAGS });
}
