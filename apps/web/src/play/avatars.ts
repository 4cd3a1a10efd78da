// How those look who have no picture of their own in the world's tilesets: travellers, by their name, and the figures of our art.
import type { ViewEntity } from "@sojourn/client";
import { DRAWN_IN, FIGURES, type FigureName, FRAME, REST_FRAMES, UI, type UiName, WALK_FRAMES } from "../art/atlas.ts";
import { avatarFrame, avatarLook, CLOAKS, HAIRS, SKINS } from "../art/avatars.ts";
import type { Region } from "../scene/quads.ts";
import type { Dress, Wardrobe } from "../scene/wardrobe.ts";

/** Side of a figure's square block of frames, texels. */
export const FIGURE_SIDE: number = FRAME.width * (REST_FRAMES + WALK_FRAMES);

const FROM = [...DRAWN_IN.cloak, ...DRAWN_IN.hair, ...DRAWN_IN.skin];

/** The page's own pictures, from where it was served; undefined when they are not there. */
export async function loadSheet(name: string): Promise<ImageBitmap | undefined> {
  try {
    const response = await fetch(name);
    if (!response.ok) return undefined;
    return await createImageBitmap(await response.blob(), { premultiplyAlpha: "none", colorSpaceConversion: "none" });
  } catch {
    return undefined;
  }
}

/** A picture of the page's own sheet, where that lies on a world's pages. */
export function uiRegion(sheet: Region, name: UiName): Region {
  const { x, y, width, height } = UI[name];
  return { page: sheet.page, x: sheet.x + x, y: sheet.y + y, w: width, h: height };
}

/** True when our art has a figure of this name. */
export function isFigure(sprite: string): sprite is FigureName {
  return sprite in FIGURES;
}

function dressOf(entity: ViewEntity): { figure: FigureName; dress: Dress } {
  const { sprite } = entity.kind;
  if (sprite !== "traveller" && isFigure(sprite)) return { figure: sprite, dress: { key: sprite, ...FIGURES[sprite], from: [], to: [] } };
  const look = avatarLook(entity.name === "" ? `traveller ${entity.id}` : entity.name);
  const key = `${look.figure} ${look.cloak} ${look.hair} ${look.skin}`;
  const to = [...(CLOAKS[look.cloak] ?? []), ...(HAIRS[look.hair] ?? []), ...(SKINS[look.skin] ?? [])];
  return { figure: look.figure, dress: { key, ...FIGURES[look.figure], from: FROM, to } };
}

/** The frame of a figure to show now. `walkedMs` runs while one walks, with one's own pace. */
export function figureRegion(entity: ViewEntity, wardrobe: Wardrobe, walkedMs: number, timeMs: number): Region {
  const { figure, dress } = dressOf(entity);
  const block = wardrobe.dressed(dress);
  const home = FIGURES[figure];
  const box = avatarFrame(figure, entity.facing, entity.moving, entity.moving ? walkedMs : timeMs + entity.id * 317);
  return { page: block.page, x: block.x + box.x - home.x, y: block.y + box.y - home.y, w: box.width, h: box.height };
}
