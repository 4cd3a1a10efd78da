// Fills the live world when it opens: the things its map brings, the items that lie about, what was built and is in no version yet;
// then the author's onStart. Travellers come by themselves.
import { spawnThing } from "../author/moment.ts";
import { showLying } from "../kernel/belongings.ts";
import { showBuild } from "../kernel/builds.ts";
import { middleOf } from "../kernel/ground.ts";
import { unseenKind } from "../kernel/kinds.ts";
import type { Stage } from "../kernel/stage.ts";

interface Brought {
  readonly kind: string;
  readonly x: number;
  readonly y: number;
  readonly name: string;
  /** How it is shown: as nothing, where the map has drawn it already. */
  readonly shown: string;
}

/** Spawns the things of the map that do not stand yet, and takes away those that the map no longer has or has elsewhere. */
export function bringThings(stage: Stage): void {
  const wanted = thingsOfMap(stage);
  for (const [key, { entity, said }] of stage.mapThings) {
    const now = wanted.get(key);
    if (now !== undefined && JSON.stringify(now) === said) continue;
    stage.mapThings.delete(key);
    if (stage.entities.info(entity) !== undefined) stage.entities.remove(entity);
  }
  for (const [key, thing] of wanted) {
    if (stage.mapThings.has(key)) continue;
    const { id } = spawnThing(stage, thing.kind, thing, thing.name, {}, thing.shown);
    stage.mapThings.set(key, { entity: id, said: JSON.stringify(thing) });
  }
}

function thingsOfMap({ options: { ground, kinds } }: Stage): Map<string, Brought> {
  const things = new Map<string, Brought>();
  for (const zone of ground.zones) {
    if (kinds.things.has(zone.class)) things.set(`zone ${zone.id}`, { kind: zone.class, ...middleOf(zone), name: zone.name, shown: "" });
  }
  // A thing the map has drawn already is there to be acted on, and not drawn twice.
  for (const chunk of ground.view.loadedChunks()) {
    for (const { id, kind, x, y, name = "" } of chunk.objects) {
      if (id.startsWith("m") && kinds.things.has(kind)) things.set(`object ${id}`, { kind, x, y, name, shown: unseenKind(kind) });
    }
  }
  return things;
}

export function populate(stage: Stage): void {
  const { definition, log } = stage.options;
  stage.begin(stage.options.monotonic());
  bringThings(stage);
  for (const row of stage.custody.items.values()) {
    if (row.place.in === "ground") showLying(stage, row.id, row.kind, row.place);
  }
  for (const build of stage.custody.builds.values()) if (build.version === undefined) showBuild(stage, build);
  stage.hook("onStart", definition.onStart);
  log.debug("world filled", { entities: stage.entities.count });
}
