// The author's own tick: the world's hook, and that of every thing whose kind has one.
import type { Hook, Stage } from "./stage.ts";

export function runTicks(stage: Stage): void {
  const { definition, kinds } = stage.options;
  stage.hook("onTick", definition.onTick);
  const ticking = [...kinds.things].flatMap(([kind, thing]) => (thing.onTick === undefined ? [] : [[kind, thing.onTick as Hook] as const]));
  if (ticking.length === 0) return;
  const due = ticking.flatMap(([kind, hook]) => stage.entities.things(kind).map((info) => ({ kind, hook, info })));
  // Oldest first, whatever they are. An earlier hook of this tick may have taken one out.
  for (const { kind, hook, info } of due.sort((a, b) => a.info.id - b.info.id)) {
    if (stage.entities.info(info.id) === info) stage.hook(`${kind}.onTick`, hook, { target: info });
  }
}
