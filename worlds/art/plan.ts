// A floor plan in letters, and what follows from it: where a wall shows its top and where its face, which passages need a
// lintel, where shadows fall. Walls across are three rows thick in the plan: top, upper face, lower face.
import { surroundings } from "./edges.ts";
import type { MapDraft } from "./tiled.ts";

export type Side = "left" | "middle" | "right" | "alone";

/** Which pictures a world's walls are made of. */
export interface Masonry {
  top(mask: number): string;
  /** The top over a passage. */
  readonly over: string;
  upper(x: number, y: number): string;
  lower(x: number, y: number): string;
  lintel(side: Side): string;
  jamb(side: "left" | "right"): string;
}

export class Plan {
  readonly width: number;
  readonly height: number;
  private readonly rows: readonly string[];
  private readonly outside: string;

  /** `#` is wall, `D` a passage through a wall three rows thick; every other letter is some floor. */
  constructor(rows: readonly string[], outside: string) {
    this.rows = rows;
    this.outside = outside;
    this.width = (rows[0] as string).length;
    this.height = rows.length;
    const odd = rows.findIndex((row) => row.length !== this.width);
    if (odd >= 0) throw new Error(`row ${odd} of the plan is ${(rows[odd] as string).length} wide, not ${this.width}`);
  }

  at(x: number, y: number): string {
    return this.rows[y]?.[x] ?? this.outside;
  }

  isWall(x: number, y: number): boolean {
    return this.at(x, y) === "#";
  }

  /** 1: lower face, 2: upper face, 3: top; 0: no wall. */
  private part(x: number, y: number): number {
    if (!this.isWall(x, y)) return 0;
    if (!this.isWall(x, y + 1)) return 1;
    return this.isWall(x, y + 2) ? 3 : 2;
  }

  /** Row of a passage, counted from its top: 0 under the wall's top, 1 the lintel, 2 the foot; -1: no passage. */
  private passageRow(x: number, y: number): number {
    if (this.at(x, y) !== "D") return -1;
    let row = 0;
    while (this.at(x, y - row - 1) === "D") row++;
    return row;
  }

  private isTop(x: number, y: number): boolean {
    return this.part(x, y) === 3 || this.passageRow(x, y) === 0;
  }

  /** Draws every wall and passage, and the shadows they throw. */
  build(draft: MapDraft, masonry: Masonry): void {
    this.each((x, y) => {
      const part = this.part(x, y);
      const row = this.passageRow(x, y);
      if (part === 3) draft.put("walls", x, y, masonry.top(surroundings(x, y, (i, j) => this.isTop(i, j))));
      else if (part === 2) draft.put("walls", x, y, masonry.upper(x, y));
      else if (part === 1) draft.put("walls", x, y, masonry.lower(x, y));
      else if (row === 0) draft.put("above", x, y, masonry.over);
      else if (row === 1) draft.put("above", x, y, masonry.lintel(this.side(x, y)));
      else if (row === 2) this.foot(draft, masonry, x, y);
      if (part === 0) this.shadow(draft, x, y);
    });
  }

  private side(x: number, y: number): Side {
    const left = this.at(x - 1, y) === "D";
    const right = this.at(x + 1, y) === "D";
    return left && right ? "middle" : left ? "right" : right ? "left" : "alone";
  }

  private foot(draft: MapDraft, masonry: Masonry, x: number, y: number): void {
    const side = this.side(x, y);
    if (side === "left" || side === "right") draft.put("decor", x, y, masonry.jamb(side));
  }

  private shadow(draft: MapDraft, x: number, y: number): void {
    const shade = this.shadeAt(x, y);
    if (shade !== undefined) draft.put("shade", x, y, `shade/${shade}`);
  }

  private shadeAt(x: number, y: number): string | undefined {
    const row = this.passageRow(x, y);
    if (row === 0 || row === 1) return "deep";
    if (row === 2) return "soft";
    const north = this.isWall(x, y - 1);
    if (this.isWall(x - 1, y)) return north ? "both" : "east";
    if (north) return "south";
    return this.isWall(x - 1, y - 1) ? "nook" : undefined;
  }

  each(visit: (x: number, y: number, letter: string) => void): void {
    for (let y = 0; y < this.height; y++) for (let x = 0; x < this.width; x++) visit(x, y, this.at(x, y));
  }
}
