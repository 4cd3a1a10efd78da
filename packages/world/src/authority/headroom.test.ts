import { expect, it } from "vitest";
import { HEADROOM_LIMITS } from "../limits.ts";
import { Headroom } from "./headroom.ts";

const calm = { load: 0.3, tickShare: 0.2, pace: 1 };

function after(windows: number, strain: typeof calm): Headroom {
  const headroom = new Headroom();
  for (let n = 0; n < windows; n++) headroom.hear(strain);
  return headroom;
}

it("[M5] takes newcomers while there is time, and offers for longer than newcomers", () => {
  const lasting = HEADROOM_LIMITS.windows;
  expect(after(20, calm)).toMatchObject({ takesNewcomers: true, takesOffers: true });
  expect(after(lasting, { load: 0.85, tickShare: 0.6, pace: 1 })).toMatchObject({ takesNewcomers: false, takesOffers: true });
  expect(after(lasting, { load: 0.95, tickShare: 0.6, pace: 1 })).toMatchObject({ takesNewcomers: false, takesOffers: false });
  expect(after(lasting, { load: 0.5, tickShare: 0.5, pace: 0.9 })).toMatchObject({ takesNewcomers: false, takesOffers: false });
});

it("[M5] a moment of strain keeps nobody out, and one calm window lets everybody in again", () => {
  const headroom = after(HEADROOM_LIMITS.windows - 1, { load: 1, tickShare: 0.9, pace: 1 });
  expect(headroom.takesNewcomers).toBe(true);
  expect(headroom.hear({ load: 1, tickShare: 0.9, pace: 1 })).toBe(true);
  expect(headroom.takesNewcomers).toBe(false);
  expect(headroom.hear(calm)).toBe(true);
  expect(headroom.takesNewcomers).toBe(true);
});

it("[M5] a process that is busy with other things than its ticks keeps nobody out", () => {
  expect(after(20, { load: 1, tickShare: 0.4, pace: 1 })).toMatchObject({ takesNewcomers: true, takesOffers: true });
});
