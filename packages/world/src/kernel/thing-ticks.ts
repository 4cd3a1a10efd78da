// The author's own tick: the world's hook, and that of every thing whose kind has one.
import type { Hook, Stage } from "./stage.ts";

export function runTicks(stage: Stage): void {
  const { definition, kinds } = stage.options;
  stage.hook("onTick", definition.onTick);
  const ticking = new Map(
    [...kinds.things].flatMap(([kind, thing]) => (thing.onTick === undefined ? [] : [[kind, thing.onTick as Hook] as const])),
  );
  if (ticking.size === 0) return;
  for (const info of [...stage.entities.all()]) {
    const hook = info.role.is === "thing" ? ticking.get(info.role.thing) : undefined;
    // An earlier hook of this tick may have taken it out.
    if (hook !== undefined && info.role.is === "thing" && stage.entities.info(info.id) === info) {
      stage.hook(`${info.role.thing}.onTick`, hook, { target: info });
    }
  }
}
