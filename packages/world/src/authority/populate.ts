// Fills the live world when it opens: the things its map brings, the items that lie about, what was built and is in no version yet;
// then the author's onStart. Travellers come by themselves.
import { spawnThing } from "../author/moment.ts";
import { showLying } from "../kernel/belongings.ts";
import { showBuild } from "../kernel/builds.ts";
import { middleOf } from "../kernel/ground.ts";
import { unseenKind } from "../kernel/kinds.ts";
import type { Stage } from "../kernel/stage.ts";

export function populate(stage: Stage): void {
  const { ground, kinds, definition, log } = stage.options;
  stage.begin(stage.options.monotonic());
  for (const zone of ground.zones) {
    if (kinds.things.has(zone.class)) spawnThing(stage, zone.class, middleOf(zone), zone.name);
  }
  // A thing the map has drawn already is there to be acted on, and not drawn twice.
  for (const chunk of ground.view.loadedChunks()) {
    for (const object of chunk.objects) {
      const isThing = object.id.startsWith("m") && kinds.things.has(object.kind);
      if (isThing) spawnThing(stage, object.kind, object, object.name, {}, unseenKind(object.kind));
    }
  }
  for (const row of stage.custody.items.values()) {
    if (row.place.in === "ground") showLying(stage, row.id, row.kind, row.place);
  }
  for (const build of stage.custody.builds.values()) if (build.version === undefined) showBuild(stage, build);
  stage.hook("onStart", definition.onStart);
  log.debug("world filled", { entities: stage.entities.count });
}
