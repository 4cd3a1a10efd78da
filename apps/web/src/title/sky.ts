// The picture behind the start page: two islands in the night, each a world of its own, a portal on either, and one small traveller.
// Drawn by rule at low resolution, so that it costs next to nothing on any machine.

const BANDS = ["#120c22", "#191030", "#22153f", "#2e1b4e", "#40245c", "#592e66", "#783d6b", "#98526c"];
const WIDTH = 320;

interface Star {
  readonly x: number;
  readonly y: number;
  readonly phase: number;
}

/** Deterministic noise: the same sky for everyone. */
function noise(n: number): number {
  const s = Math.sin(n * 127.1) * 43_758.5453;
  return s - Math.floor(s);
}

const STARS: readonly Star[] = Array.from({ length: 130 }, (_, i) => ({
  x: noise(i),
  y: noise(i + 500) ** 1.6,
  phase: noise(i + 900) * 6,
}));

/** Starts the picture on a canvas; returns the way to stop it. With `still` it is drawn once and after every change of size. */
export function startSky(canvas: HTMLCanvasElement, still: boolean): () => void {
  const paint = canvas.getContext("2d");
  if (paint === null) return () => {};
  let running = 0;
  const fit = (): void => {
    const ratio = Math.max(0.5, canvas.clientHeight / Math.max(1, canvas.clientWidth));
    canvas.width = WIDTH;
    canvas.height = Math.min(720, Math.round(WIDTH * ratio));
    drawSky(paint, canvas.width, canvas.height, 3);
  };
  const watch = new ResizeObserver(fit);
  watch.observe(canvas);
  let last = 0;
  const step = (timeMs: number): void => {
    running = requestAnimationFrame(step);
    if (timeMs - last < 66) return;
    last = timeMs;
    drawSky(paint, canvas.width, canvas.height, timeMs / 1_000);
  };
  if (!still) running = requestAnimationFrame(step);
  return () => {
    cancelAnimationFrame(running);
    watch.disconnect();
  };
}

function drawSky(paint: CanvasRenderingContext2D, w: number, h: number, t: number): void {
  BANDS.forEach((colour, i) => {
    const top = Math.round((i / BANDS.length) ** 0.9 * h);
    paint.fillStyle = colour;
    paint.fillRect(0, top, w, h - top);
    paint.fillStyle = BANDS[i - 1] ?? colour;
    for (let x = 0; x < w; x += 2) paint.fillRect(x + (i % 2), top, 1, 1);
    for (let x = 0; x < w; x += 4) paint.fillRect(x + (i % 2) * 2, top + 1, 1, 1);
  });
  for (const { x, y, phase } of STARS) {
    const bright = Math.sin(t * 1.3 + phase);
    paint.fillStyle = bright > 0.6 ? "#fff6dc" : bright > -0.2 ? "#c4b0e0" : "#7a64a0";
    paint.fillRect(Math.floor(x * w), Math.floor(y * h * 0.8), 1, 1);
  }
  moon(paint, Math.round(w * 0.9), Math.round(h * 0.08) + 8);
  const bob = (phase: number): number => Math.round(Math.sin(t * 0.7 + phase) * 1.6);
  const low = Math.round(h * 0.84);
  clouds(paint, w, h, t);
  island(paint, Math.round(w * 0.16), low + bob(0), 62, 11);
  house(paint, Math.round(w * 0.16) - 24, low + bob(0), t);
  portal(paint, Math.round(w * 0.16) + 17, low + bob(0), t, ["#e8a33d", "#ffd98f", "#fff6dc"]);
  island(paint, Math.round(w * 0.86), low - 14 + bob(2), 52, 23);
  tower(paint, Math.round(w * 0.86) + 8, low - 14 + bob(2), t);
  portal(paint, Math.round(w * 0.86) - 16, low - 14 + bob(2), t + 2, ["#6b4fd0", "#b79cff", "#f1eaff"]);
  traveller(paint, Math.round(w * 0.16) + 6, low + bob(0), t);
  motes(paint, w, low, t);
}

function moon(paint: CanvasRenderingContext2D, x: number, y: number): void {
  disc(paint, x, y, 13, "#4b3a6e");
  disc(paint, x, y, 11, "#f6e7c1");
  disc(paint, x - 4, y - 2, 9, "#fff6dc");
  for (const [dx, dy, r] of [
    [4, 3, 2],
    [-3, 4, 1],
    [2, -5, 1],
  ] as const)
    disc(paint, x + dx, y + dy, r, "#e2cb98");
}

function disc(paint: CanvasRenderingContext2D, cx: number, cy: number, r: number, colour: string): void {
  paint.fillStyle = colour;
  for (let y = -r; y <= r; y++) {
    const half = Math.floor(Math.sqrt(r * r + r - y * y));
    paint.fillRect(cx - half, cy + y, half * 2 + 1, 1);
  }
}

function clouds(paint: CanvasRenderingContext2D, w: number, h: number, t: number): void {
  for (let i = 0; i < 7; i++) {
    const length = 34 + noise(i + 40) * 60;
    const x = ((noise(i + 70) * (w + 120) + t * (1.2 + noise(i) * 1.6)) % (w + 140)) - 100;
    const y = Math.round(h * (0.42 + noise(i + 20) * 0.5));
    paint.fillStyle = i % 2 ? "#6b3a68" : "#4d2b60";
    for (let row = 0; row < 4; row++) {
      const inset = Math.abs(row - 2) * (5 + noise(i + row) * 6);
      paint.fillRect(Math.round(x + inset), y + row, Math.round(length - inset * 2), 1);
    }
  }
}

/** Grass above, rock that tapers below. */
function island(paint: CanvasRenderingContext2D, cx: number, top: number, half: number, seed: number): void {
  const depth = Math.round(half * 0.62);
  for (let y = 0; y < depth; y++) {
    const taper = Math.round(half * (1 - (y / depth) ** 1.5) * (0.9 + noise(seed + y) * 0.12));
    paint.fillStyle = y < depth * 0.3 ? "#5a4566" : y < depth * 0.65 ? "#46355a" : "#33264a";
    paint.fillRect(cx - taper, top + y, taper * 2, 1);
    paint.fillStyle = "#78608a";
    if (y > 3 && y % 4 === 1) paint.fillRect(cx - taper + Math.round(noise(seed * 3 + y) * taper), top + y, 4, 1);
    paint.fillStyle = "#2a1f3d";
    if (y > 5 && y % 5 === 2) paint.fillRect(cx + Math.round(noise(seed * 5 + y) * taper * 0.7), top + y, 5, 1);
  }
  paint.fillStyle = "#2f6b4c";
  paint.fillRect(cx - half + 1, top, half * 2 - 2, 4);
  paint.fillStyle = "#4f9a58";
  paint.fillRect(cx - half, top - 1, half * 2, 3);
  paint.fillStyle = "#7fc465";
  for (let x = -half + 2; x < half - 2; x += 3) paint.fillRect(cx + x + Math.round(noise(seed + x) * 2), top - 2, 1, 1);
  paint.fillRect(cx - half, top - 1, half * 2, 1);
  paint.fillStyle = "#2f6b4c";
  for (let x = -half + 1; x < half; x += 5) paint.fillRect(cx + x, top + 3, 2, 2 + Math.round(noise(seed + x * 2) * 3));
}

function house(paint: CanvasRenderingContext2D, x: number, ground: number, t: number): void {
  paint.fillStyle = "#3a2440";
  paint.fillRect(x - 13, ground - 17, 26, 16);
  paint.fillStyle = "#e8d3a8";
  paint.fillRect(x - 12, ground - 16, 24, 15);
  paint.fillStyle = "#8a5a3c";
  for (const beam of [-12, -4, 4, 11]) paint.fillRect(x + beam, ground - 16, 1, 15);
  paint.fillRect(x - 12, ground - 9, 24, 1);
  paint.fillStyle = "#7a2f3a";
  for (let row = 0; row < 12; row++) paint.fillRect(x - 16 + row, ground - 16 - row, 32 - row * 2, 1);
  paint.fillStyle = "#a3453f";
  for (let row = 1; row < 12; row += 2) paint.fillRect(x - 15 + row, ground - 16 - row, 30 - row * 2, 1);
  paint.fillStyle = "#4a3038";
  paint.fillRect(x + 5, ground - 31, 4, 9);
  paint.fillStyle = "#5e3a2c";
  paint.fillRect(x - 2, ground - 9, 5, 8);
  const flicker = Math.sin(t * 7) > 0.3 ? "#ffe08a" : "#ffc95c";
  paint.fillStyle = flicker;
  paint.fillRect(x - 9, ground - 13, 4, 4);
  paint.fillRect(x + 6, ground - 13, 4, 4);
  for (let i = 0; i < 4; i++) {
    const age = (t * 0.5 + i / 4) % 1;
    paint.fillStyle = `rgba(205,190,215,${(0.6 * (1 - age)).toFixed(2)})`;
    paint.fillRect(Math.round(x + 6 + Math.sin(age * 5 + i) * 2 + age * 5), Math.round(ground - 33 - age * 15), 2, 2);
  }
}

function tower(paint: CanvasRenderingContext2D, x: number, ground: number, t: number): void {
  paint.fillStyle = "#241a38";
  paint.fillRect(x - 9, ground - 39, 18, 38);
  paint.fillStyle = "#4c3f6a";
  paint.fillRect(x - 8, ground - 38, 16, 37);
  paint.fillStyle = "#62548a";
  for (let y = 0; y < 36; y += 4)
    for (let bx = 0; bx < 16; bx += 6) paint.fillRect(x - 8 + ((bx + (y % 8 ? 3 : 0)) % 14), ground - 37 + y, 4, 2);
  paint.fillStyle = "#241a38";
  for (let i = 0; i < 4; i++) paint.fillRect(x - 10 + i * 6, ground - 43, 3, 5);
  paint.fillRect(x - 10, ground - 40, 21, 3);
  paint.fillStyle = Math.sin(t * 5 + 1) > 0 ? "#8fd0e8" : "#67a9d0";
  paint.fillRect(x - 1, ground - 30, 3, 6);
  paint.fillStyle = "#140d22";
  paint.fillRect(x - 3, ground - 11, 7, 10);
}

function portal(paint: CanvasRenderingContext2D, x: number, ground: number, t: number, colours: readonly [string, string, string]): void {
  paint.globalAlpha = 0.16 + Math.sin(t * 2) * 0.05;
  disc(paint, x, ground - 9, 15, colours[1]);
  paint.globalAlpha = 1;
  for (let y = -9; y <= 9; y++) {
    const half = Math.floor(6.4 * Math.sqrt(1 - (y / 9.6) ** 2));
    paint.fillStyle = "#2a1e3d";
    paint.fillRect(x - half - 1, ground - 10 + y, half * 2 + 3, 1);
    for (let dx = -half; dx <= half; dx++) {
      const swirl = Math.sin(Math.hypot(dx, y * 0.7) * 1.1 - t * 4 + Math.atan2(y, dx) * 2);
      paint.fillStyle = colours[swirl > 0.45 ? 2 : swirl > -0.35 ? 1 : 0] as string;
      paint.fillRect(x + dx, ground - 10 + y, 1, 1);
    }
  }
}

function traveller(paint: CanvasRenderingContext2D, x: number, ground: number, t: number): void {
  const glow = 8 + Math.round(Math.sin(t * 9) * 1);
  paint.globalAlpha = 0.2;
  disc(paint, x - 4, ground - 9, glow, "#ffb347");
  paint.globalAlpha = 1;
  paint.fillStyle = "#26324f";
  paint.fillRect(x - 2, ground - 7, 5, 6);
  paint.fillStyle = "#4a6aa8";
  paint.fillRect(x - 1, ground - 7, 3, 5);
  paint.fillStyle = "#f0c49a";
  paint.fillRect(x - 1, ground - 10, 3, 3);
  paint.fillStyle = "#6b3f2a";
  paint.fillRect(x - 2, ground - 11, 5, 2);
  paint.fillStyle = "#8a5a3c";
  paint.fillRect(x - 4, ground - 8, 1, 5);
  paint.fillStyle = Math.sin(t * 11) > 0 ? "#fff2c4" : "#ffc95c";
  paint.fillRect(x - 5, ground - 11, 2, 3);
}

function motes(paint: CanvasRenderingContext2D, w: number, low: number, t: number): void {
  for (let i = 0; i < 26; i++) {
    const along = (noise(i) + t * 0.02 * (0.5 + noise(i + 9))) % 1;
    const x = w * (0.22 + along * 0.58);
    const y = low - 18 - Math.sin(along * Math.PI) * 44 + Math.sin(t * 1.4 + i * 2) * 7 + noise(i + 30) * 14;
    paint.fillStyle = along < 0.5 ? "#ffd98f" : "#b79cff";
    paint.globalAlpha = 0.35 + 0.5 * Math.max(0, Math.sin(t * 2 + i));
    paint.fillRect(Math.round(x), Math.round(y), 1, 1);
  }
  paint.globalAlpha = 1;
}
