// Packs images onto texture pages, shelf by shelf: tallest first, left to right. Pure and deterministic.

export interface Size {
  readonly w: number;
  readonly h: number;
}

export interface Placed {
  readonly page: number;
  readonly x: number;
  readonly y: number;
}

export interface Packing {
  /** Where each size went, in the order given. */
  readonly placed: readonly Placed[];
  readonly pages: readonly Size[];
}

/** An image larger than a page gets a page of its own size. Images never touch each other's texels. */
export function packShelves(sizes: readonly Size[], pageSize: number): Packing {
  const order = sizes.map((_, i) => i).sort((a, b) => (sizes[b] as Size).h - (sizes[a] as Size).h || a - b);
  const placed: Placed[] = sizes.map(() => ({ page: 0, x: 0, y: 0 }));
  const pages: { w: number; h: number; full: boolean }[] = [];
  let shelf = { page: -1, x: 0, y: 0, h: 0 };
  for (const i of order) {
    const { w, h } = sizes[i] as Size;
    if (w > pageSize || h > pageSize) {
      placed[i] = { page: pages.push({ w, h, full: true }) - 1, x: 0, y: 0 };
      continue;
    }
    if (shelf.page >= 0 && shelf.x + w > pageSize) shelf = { page: shelf.page, x: 0, y: shelf.y + shelf.h, h };
    if (shelf.page < 0 || shelf.y + h > pageSize) shelf = { page: pages.push({ w: 0, h: 0, full: false }) - 1, x: 0, y: 0, h };
    placed[i] = { page: shelf.page, x: shelf.x, y: shelf.y };
    shelf.x += w;
    const page = pages[shelf.page] as { w: number; h: number };
    page.w = Math.max(page.w, shelf.x);
    page.h = Math.max(page.h, shelf.y + h);
  }
  return { placed, pages: pages.map(({ w, h }) => ({ w, h })) };
}
