// What is wrong with a map, as the readers of this folder throw it; `packTiled` turns it into a fault. Every message names
// the file, the layer or tileset, and what the author can do.
export class MapProblem extends Error {
  readonly code: "bad-map" | "unsupported-map";

  constructor(code: "bad-map" | "unsupported-map", detail: string) {
    super(detail);
    this.code = code;
  }
}

/** The map's files contradict themselves or cannot be read. */
export function badMap(where: string, what: string): never {
  throw new MapProblem("bad-map", `${where}: ${what}`);
}

/** The map is right, but asks for something that would not be shown right. */
export function unsupported(where: string, feature: string, instead: string): never {
  throw new MapProblem("unsupported-map", `${where}: ${feature} is not supported; ${instead}`);
}
