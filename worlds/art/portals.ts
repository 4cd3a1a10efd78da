// Ways between worlds: a swirl that turns in a ring of carved stones, and the same as a door one tile large.
import { Bitmap } from "./bitmap.ts";
import { far } from "./grain.ts";
import { type Sheet, TILE } from "./sheet.ts";

/** Spirals that turn, in a ramp of five colours dark to light; `size` pixels across, lying on the ground. */
export function swirl(size: number, frame: number, count: number, ramp: string): Bitmap {
  const out = new Bitmap(size, size);
  const half = size / 2;
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const dx = (x + 0.5 - half) / half;
      const dy = ((y + 0.5 - half) / half) * 1.12;
      const r = far(dx, dy);
      if (r > 0.98) continue;
      const turn = Math.atan2(dy, dx) / (Math.PI * 2);
      const arm = (((turn * 2 + Math.log(r + 0.08) * 0.75 + frame / count) % 1) + 1) % 1;
      const crest = 1 - Math.abs(arm - 0.5) * 2;
      const glow = crest * 0.8 + (1 - r) * 0.75;
      const step = r > 0.9 ? 1 : glow > 1.08 ? 4 : glow > 0.78 ? 3 : glow > 0.5 ? 2 : glow > 0.26 ? 1 : 0;
      out.dot(x, y, ramp[step] as string);
    }
  return out;
}

export const VIOLET = "STUVW";
export const AMBER = "rstvw";

/** An upright way between worlds, as an entity one tile large. */
function doorway(frame: number, ramp: string): Bitmap {
  const out = new Bitmap(TILE, TILE);
  out
    .ellipse(8, 14, 7, 2, "=")
    .ellipse(8, 7.5, 7, 7.5, "#")
    .ellipse(8, 7.5, 6, 6.5, ramp[1] as string);
  const core = swirl(12, frame, 6, ramp);
  for (let y = 0; y < 12; y++)
    for (let x = 0; x < 12; x++) if (((x + 0.5 - 6) / 5) ** 2 + ((y + 0.5 - 6) / 5.5) ** 2 <= 1) out.put(x + 2, y + 1, core.at(x, y));
  return out;
}

const sixFrames = (draw: (frame: number) => Bitmap): Bitmap[] => [0, 1, 2, 3, 4, 5].map(draw);

/** The small ways, as entities show them. */
export function addWays(sheet: Sheet): void {
  sheet.add(
    "way-dungeon",
    sixFrames((f) => doorway(f, VIOLET)),
    { type: "portal-dungeon", light: { radius: 4, colour: "#b76fdd" }, frameMs: 110 },
  );
  sheet.add(
    "way-tavern",
    sixFrames((f) => doorway(f, AMBER)),
    { type: "portal-tavern", light: { radius: 4, colour: "#ffb347" }, frameMs: 110 },
  );
}

/** The ring of carved stones around a portal: four tiles square, the swirl two tiles square in its middle. */
export function addPortal(sheet: Sheet, name: string, ramp: string, [light, face, dark]: readonly [string, string, string]): void {
  const ring = new Bitmap(64, 64);
  ring.ellipse(32, 33, 27, 25, "=").ellipse(32, 32, 25, 23, "#");
  for (let y = 0; y < 64; y++)
    for (let x = 0; x < 64; x++) {
      const dx = (x + 0.5 - 32) / 24;
      const dy = (y + 0.5 - 32) / 22;
      const r = far(dx, dy);
      if (r > 1 || r < 0.7) continue;
      const wedge = ((Math.atan2(dy, dx) / (Math.PI * 2) + 1) * 16) % 1;
      ring.dot(x, y, wedge < 0.1 ? dark : r > 0.95 && dy > 0 ? dark : r > 0.93 || (r < 0.76 && dy > 0) ? light : face);
    }
  for (let n = 0; n < 16; n += 2) {
    const angle = ((n + 0.55) / 16) * Math.PI * 2;
    const x = Math.round(31.5 + Math.cos(angle) * 20.5);
    const y = Math.round(31.5 + Math.sin(angle) * 18.7);
    ring
      .dot(x, y, ramp[4] as string)
      .dot(x + 1, y, ramp[3] as string)
      .dot(x, y + 1, ramp[3] as string)
      .dot(x - 1, y, ramp[2] as string);
  }
  const drawn = sixFrames((f) =>
    ring
      .clone()
      .ellipse(32, 32, 17, 15.5, "#")
      .blit(swirl(32, f, 6, ramp), 16, 16),
  );
  const spark = [ramp[4], ramp[3], ramp[2]] as string[];
  sheet.add(name, drawn, { frameMs: 110 });
  sheet.add(
    `${name}-sparks`,
    sixFrames((f) => sparks(f, spark)),
    { frameMs: 110, light: { radius: 5, colour: name.endsWith("dungeon") ? "#b76fdd" : "#ffb347" } },
  );
}

/** Motes that rise from a portal, over travellers. */
function sparks(frame: number, colours: readonly string[]): Bitmap {
  const out = new Bitmap(32, 48);
  for (let n = 0; n < 9; n++) {
    const rise = (frame / 6 + ((n * 0.37) % 1)) % 1;
    const x = 4 + ((n * 11) % 25);
    const y = 36 - Math.round(rise * 32) + (n % 3);
    out.dot(x, y, colours[rise < 0.35 ? 0 : rise < 0.7 ? 1 : 2] as string);
    if (rise < 0.4) out.dot(x, y + 1, colours[1] as string);
  }
  return out;
}
