// What every moment can do, whatever it is about: the world's own acts, over the stage and within one era.
import { FIELD, type Item, LIMITS, snap } from "@sojourn/protocol";
import { alterItem, burnItem, canLie, fixtureItems, itemHere, mintItem } from "../kernel/belongings.ts";
import type { EntityInfo } from "../kernel/entities.ts";
import { whySealed } from "../kernel/sealed.ts";
import type { Stage } from "../kernel/stage.ts";
import { cutBytes, shownWords } from "../kernel/words.ts";
import { WORLD_LIMITS } from "../limits.ts";
import { areaOf } from "./area.ts";
import type { Facts, Kinds } from "./definition.ts";
import { type Era, facadeOf, mayMint, travellerFacade } from "./facade.ts";
import type { Memory, Moment, Spot } from "./moments.ts";

/** Author's durable facts share the journal with the world's own; theirs begin with this. */
const MEMORY_PREFIX = "author.";
const utf8 = new TextEncoder();

export function worldMoment(stage: Stage, era: Era): Moment<Kinds> {
  const { options } = stage;
  const asEntity = (info: EntityInfo): ReturnType<typeof facadeOf> => facadeOf(stage, era, info);
  return {
    world: Object.freeze({ id: stage.custody.world, name: options.name }),
    tick: stage.tick,
    timeMs: stage.timeMs,
    random: () => {
      era.check();
      return stage.random();
    },
    ...lookAround(stage, era, asEntity),
    ...itemActs(stage, era),
    ...memory(stage, era),
    effect(name, at) {
      at.effect(name);
    },
    announce(words, tone = "info") {
      era.act();
      options.voice.tellAll({ t: "notice", text: cutBytes(words, LIMITS.noticeBytes), tone });
    },
    log(words, fields = {}) {
      era.act();
      options.log.info("author", { words: cutBytes(words, 1_024), ...fields });
    },
  };
}

type Look = Pick<Moment<Kinds>, "spawn" | "entity" | "entities" | "travellers" | "near" | "area" | "areas" | "isFree">;

function lookAround(stage: Stage, era: Era, asEntity: (info: EntityInfo) => ReturnType<typeof facadeOf>): Look {
  const { ground, kinds } = stage.options;
  return {
    spawn(kind, at) {
      era.act();
      return asEntity(spawnThing(stage, kind, at, at.name, at.components));
    },
    entity(id) {
      era.check();
      const info = stage.entities.info(id);
      return info === undefined ? undefined : asEntity(info);
    },
    entities(kind) {
      era.check();
      if (kind !== undefined && kinds.things.has(kind)) {
        return [...stage.entities.all()].filter((info) => info.role.is === "thing" && info.role.thing === kind).map(asEntity);
      }
      return [...stage.entities.all()].filter((info) => kind === undefined || info.kind === kind).map(asEntity);
    },
    travellers() {
      era.check();
      return [...stage.avatars.values()].map((avatar) => travellerFacade(stage, era, avatar));
    },
    near(spot, radius) {
      era.check();
      return stage.entities.near(spot, radius).map(asEntity);
    },
    area(name) {
      era.check();
      const zone = ground.zones.find((one) => one.name === name);
      return zone === undefined ? undefined : areaOf(zone, ground);
    },
    areas(zoneClass) {
      era.check();
      return ground.zones.filter((zone) => zoneClass === undefined || zone.class === zoneClass).map((zone) => areaOf(zone, ground));
    },
    isFree(spot) {
      era.check();
      return ground.isFree({ x: snap(spot.x), y: snap(spot.y) }, stage.entities.solids);
    },
  };
}

/** A thing of a kind, with the components its kind begins with. Throws when the kind is unknown or the world is full. */
export function spawnThing(
  stage: Stage,
  kind: string,
  at: Spot,
  name = "",
  components: { readonly [name: string]: unknown } = {},
  unseen = "",
): EntityInfo {
  const thing = stage.options.kinds.things.get(kind);
  if (thing === undefined) throw new Error(`"${kind}" is no kind of thing in this world`);
  const info = stage.entities.spawn(
    { is: "thing", thing: kind },
    unseen || kind,
    { x: snap(at.x), y: snap(at.y) },
    shownWords(name, LIMITS.nameBytes),
  );
  if (info === undefined) throw new Error("the world is full of entities");
  for (const [component, value] of Object.entries({ ...thing.components, ...components })) {
    stage.entities.columns.set(component, info.id, value as string | number | boolean);
  }
  stage.entities.write(info, FIELD.facing, 64);
  return info;
}

type ItemActs = Pick<Moment<Kinds>, "mint" | "burn" | "alter" | "fixture" | "stock">;

function itemActs(stage: Stage, era: Era): ItemActs {
  const held = (ref: string): Item => {
    const item = itemHere(stage, ref);
    if (item === undefined) throw new Error(`${ref} is not in this world's custody`);
    return item;
  };
  return {
    mint(kind, at, facts, minting) {
      era.act();
      mayMint(stage, kind, minting);
      if (!canLie(stage, at)) throw new Error(`there lies too much at ${at.x}, ${at.y} already, or in the world`);
      return mintItem(stage, kind, { in: "ground", x: snap(at.x), y: snap(at.y) }, facts, minting);
    },
    burn(item, why) {
      era.act();
      burnItem(stage, unsealed(held(item)).id, cutBytes(why, 64));
    },
    alter(item, facts) {
      era.act();
      alterItem(stage, unsealed(held(item)).id, checkedFacts(facts));
    },
    fixture(name) {
      era.check();
      return fixtureItems(stage, name);
    },
    stock(fixture, kind, facts, minting) {
      era.act();
      mayMint(stage, kind, minting);
      return mintItem(stage, kind, { in: "fixture", name: cutBytes(fixture, 96) }, facts, minting);
    },
  };
}

function unsealed(item: Item): Item {
  const why = whySealed(item);
  if (why !== undefined) throw new Error(`${item.id}: ${why.detail}`);
  return item;
}

function checkedFacts(facts: Facts): Facts {
  if (Object.keys(facts).length > LIMITS.itemProps) throw new Error(`at most ${LIMITS.itemProps} facts`);
  return facts;
}

function memory(stage: Stage, era: Era): Pick<Moment<Kinds>, "recall" | "remember"> {
  return {
    recall(name) {
      era.check();
      const kept = stage.custody.facts.get(MEMORY_PREFIX + name);
      return kept === undefined ? undefined : (JSON.parse(kept) as Memory);
    },
    remember(name, value) {
      era.act();
      if (name === "" || utf8.encode(name).length > 96) throw new Error("a name to remember by has 1 to 96 bytes");
      const text = value === null ? "" : JSON.stringify(value);
      if (text === undefined) throw new Error("only what JSON can hold is remembered");
      const bytes = utf8.encode(text).length;
      if (bytes > WORLD_LIMITS.memoryBytes) throw new Error(`at most ${WORLD_LIMITS.memoryBytes} bytes can be remembered under one name`);
      const { facts } = stage.custody;
      const key = MEMORY_PREFIX + name;
      if ((facts.get(key) ?? "") === text) return;
      if (!facts.has(key) && facts.size >= WORLD_LIMITS.memories) throw new Error(`at most ${WORLD_LIMITS.memories} names are remembered`);
      era.remember(bytes);
      stage.options.ledger.write({ r: "world", key, value: text });
    },
  };
}
