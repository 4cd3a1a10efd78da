// How travellers look: which picture shows a traveller now.
import type { ViewEntity } from "@sojourn/client";
import { WHITE } from "../scene/colour.ts";
import type { PageImage } from "../scene/pages.ts";
import type { Region } from "../scene/quads.ts";

export interface AvatarFrame {
  readonly region: Region;
  readonly flips: number;
  readonly tint: number;
  /** Texels of a 16-texel tile from the feet to the hand. */
  readonly handHeight: number;
}

/** The pictures to put on every world's pages. */
export function avatarImages(): PageImage[] {
  return [];
}

/**
 * @param direction 0 right, 1 down, 2 left, 3 up
 * @param step steps walked so far, undefined while standing
 */
export function avatarFrame(
  _entity: ViewEntity,
  _direction: number,
  _step: number | undefined,
  _timeMs: number,
  pictures: { place(key: string): Region | undefined },
): AvatarFrame | undefined {
  const region = pictures.place("unknown");
  return region === undefined ? undefined : { region, flips: 0, tint: WHITE, handHeight: 6 };
}
