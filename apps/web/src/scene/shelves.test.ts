import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packShelves } from "./shelves.ts";

const sizes = fc.array(fc.record({ w: fc.integer({ min: 1, max: 300 }), h: fc.integer({ min: 1, max: 300 }) }), { maxLength: 40 });

describe("packShelves", () => {
  it("lays every image whole on its page and none over another", () => {
    fc.assert(
      fc.property(sizes, (list) => {
        const { placed, pages } = packShelves(list, 256);
        list.forEach((a, i) => {
          const at = placed[i] as { page: number; x: number; y: number };
          const page = pages[at.page] as { w: number; h: number };
          expect(at.x >= 0 && at.y >= 0 && at.x + a.w <= page.w && at.y + a.h <= page.h).toBe(true);
          list.slice(0, i).forEach((b, j) => {
            const other = placed[j] as { page: number; x: number; y: number };
            const apart =
              at.page !== other.page || at.x + a.w <= other.x || other.x + b.w <= at.x || at.y + a.h <= other.y || other.y + b.h <= at.y;
            expect(apart).toBe(true);
          });
        });
      }),
    );
  });

  it("gives an image larger than a page one of its own, and puts small ones together", () => {
    const { placed, pages } = packShelves(
      [
        { w: 16, h: 16 },
        { w: 999, h: 10 },
        { w: 16, h: 16 },
      ],
      256,
    );
    expect([placed[1]?.x, placed[1]?.y, pages.length]).toEqual([0, 0, 2]);
    expect(pages[placed[1]?.page ?? 0]).toEqual({ w: 999, h: 10 });
    expect(placed[0]?.page).toBe(placed[2]?.page);
  });
});
