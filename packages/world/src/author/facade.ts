// The stage as an author's hooks see it. Everything handed out is good until the hook returns; after that each use throws, so that
// nothing changes the world outside of a tick. Nothing here leads to the insides: what an author cannot do, a hook cannot do.
import { CUSTODY, FIELD, flattenItems, type Item, itemTree, LIMITS, snap, stepBody, type Tier, type TravellerId } from "@sojourn/protocol";
import { heal, hurt, placeAt } from "../kernel/avatars.ts";
import { canCarry, carriedItems, carries, holdItem, itemHere, mintItem, putItem } from "../kernel/belongings.ts";
import type { EntityInfo } from "../kernel/entities.ts";
import type { About, Avatar, MomentMaker, Stage } from "../kernel/stage.ts";
import { cutBytes, shownWords } from "../kernel/words.ts";
import { WORLD_LIMITS } from "../limits.ts";
import type { Facts, Kinds, Minting } from "./definition.ts";
import { worldMoment } from "./moment.ts";
import type { Entity, Spot, Tone, Traveller } from "./moments.ts";

/** The time in which handed-out things are good, and how much one hook may do in it. */
export class Era {
  #isOver = false;
  #acts = 0;
  #memoryBytes = 0;
  readonly #tick: number;

  constructor(tick: number) {
    this.#tick = tick;
  }
  end(): void {
    this.#isOver = true;
  }
  /** Throws when the hook this was handed to has returned. */
  check(): void {
    if (this.#isOver)
      throw new Error(`this belongs to a hook of tick ${this.#tick}, which has returned; keep ids and ask again in a later hook`);
  }
  /** As {@link check}, and counts one thing done. */
  act(): void {
    this.check();
    this.#acts += 1;
    if (this.#acts > WORLD_LIMITS.actsPerHook) throw new Error(`one hook may do ${WORLD_LIMITS.actsPerHook} things at most`);
  }
  /** Counts what is written for good. */
  remember(bytes: number): void {
    this.#memoryBytes += bytes;
    const { memoryBytesPerHook } = WORLD_LIMITS;
    if (this.#memoryBytes > memoryBytesPerHook) throw new Error(`one hook may remember ${memoryBytesPerHook} bytes at most`);
  }
}

/** Gives the stage its author's side. */
export function giveMoments(stage: Stage): void {
  let era = new Era(stage.tick);
  era.end();
  const maker: MomentMaker = {
    begin() {
      const outer = era;
      era = new Era(stage.tick);
      const mine = era;
      return () => {
        mine.end();
        era = outer;
      };
    },
    moment(about) {
      return Object.freeze({ ...worldMoment(stage, era), ...aboutWhat(stage, era, about) });
    },
  };
  stage.moments = maker;
}

function aboutWhat(stage: Stage, era: Era, about: About): object {
  const traveller = about.traveller === undefined ? {} : { traveller: new TravellerFacade(stage, era, about.traveller) };
  const target = about.target === undefined ? {} : { target: facadeOf(stage, era, about.target) };
  return { target: undefined, ...about.more, ...traveller, ...target };
}

export function facadeOf(stage: Stage, era: Era, info: EntityInfo): Entity<Kinds> {
  const avatar = info.role.is === "traveller" ? stage.avatars.get(info.role.traveller) : undefined;
  return avatar === undefined ? new EntityFacade(stage, era, info) : new TravellerFacade(stage, era, avatar);
}

export function travellerFacade(stage: Stage, era: Era, avatar: Avatar): Traveller<Kinds> {
  return new TravellerFacade(stage, era, avatar);
}

class EntityFacade implements Entity<Kinds> {
  readonly #stage: Stage;
  readonly #era: Era;
  readonly #info: EntityInfo;

  constructor(stage: Stage, era: Era, info: EntityInfo) {
    this.#stage = stage;
    this.#era = era;
    this.#info = info;
  }

  get id(): number {
    return this.#info.id;
  }
  get kind(): string {
    return this.#info.role.is === "thing" ? this.#info.role.thing : this.#info.kind;
  }
  get x(): number {
    return this.#stage.entities.at(this.#here(false)).x;
  }
  get y(): number {
    return this.#stage.entities.at(this.#here(false)).y;
  }
  get name(): string {
    return String(this.#stage.entities.read(this.#here(false), FIELD.name));
  }
  set name(name: string) {
    this.#stage.entities.write(this.#here(true), FIELD.name, cutBytes(shownWords(name, LIMITS.nameBytes), LIMITS.nameBytes));
  }
  get facing(): number {
    return Number(this.#stage.entities.read(this.#here(false), FIELD.facing));
  }
  set facing(turn: number) {
    this.#stage.entities.write(this.#here(true), FIELD.facing, Math.round(turn) & 255);
  }
  get state(): number {
    return Number(this.#stage.entities.read(this.#here(false), FIELD.state));
  }
  set state(state: number) {
    this.#stage.entities.write(this.#here(true), FIELD.state, state);
  }

  // The kinds are plain text here; definition.ts gives the author the exact types.
  get(component: PropertyKey): never {
    const info = this.#here(false);
    this.#declared(component);
    return this.#stage.entities.columns.get(String(component), info.id) as never;
  }
  set(component: PropertyKey, value: string | number | boolean): void {
    const info = this.#here(true);
    this.#declared(component);
    this.#stage.entities.columns.set(String(component), info.id, value);
  }

  moveTo(spot: Spot): void {
    const info = this.#here(true);
    const avatar = info.role.is === "traveller" ? this.#stage.avatars.get(info.role.traveller) : undefined;
    if (avatar !== undefined) placeAt(this.#stage, avatar, spot);
    else this.#stage.entities.moveTo(info, { x: snap(spot.x), y: snap(spot.y) });
  }
  walkTo(spot: Spot, speed?: number): boolean {
    const info = this.#here(true);
    const { physics } = this.#stage.options;
    const at = this.#stage.entities.at(info);
    const [wayX, wayY] = [spot.x - at.x, spot.y - at.y];
    const far = Math.hypot(wayX, wayY);
    if (far < 1 / 64) return true;
    const pace = Math.min(speed ?? physics.speed, far * physics.tickHz);
    const shape = { ...physics, speed: pace, bodyWidth: Math.max(0.05, info.width * 0.9), bodyHeight: Math.max(0.05, info.height * 0.9) };
    const next = stepBody(at, Math.round((wayX / far) * 127), Math.round((wayY / far) * 127), shape, this.#stage.options.ground.solids);
    this.#stage.entities.moveTo(info, next);
    this.facing = Math.round((Math.atan2(wayY, wayX) / (2 * Math.PI)) * 256);
    return Math.hypot(spot.x - next.x, spot.y - next.y) < 1 / 16;
  }
  distanceTo(spot: Spot): number {
    const at = this.#stage.entities.at(this.#here(false));
    return Math.hypot(spot.x - at.x, spot.y - at.y);
  }
  say(words: string): void {
    const info = this.#here(true);
    const text = shownWords(words, LIMITS.chatBytes);
    if (text !== "") this.#stage.speak(info, text);
  }
  effect(name: string): void {
    this.#stage.show("effect", this.#here(true), cutBytes(name, 64));
  }
  despawn(): void {
    const info = this.#here(true);
    if (info.role.is !== "thing") throw new Error(`only things are despawned; this is a ${info.role.is}`);
    this.#stage.entities.remove(info.id);
  }

  #here(acts: boolean): EntityInfo {
    if (acts) this.#era.act();
    else this.#era.check();
    if (this.#stage.entities.info(this.#info.id) !== this.#info)
      throw new Error(`entity ${this.#info.id} (${this.#info.kind}) is not there any more`);
    return this.#info;
  }
  #declared(component: PropertyKey): void {
    if (!this.#stage.options.kinds.components.some((one) => one.name === component))
      throw new Error(`no component "${String(component)}" is declared`);
  }
}

class TravellerFacade extends EntityFacade implements Traveller<Kinds> {
  readonly #stage: Stage;
  readonly #era: Era;
  readonly #avatar: Avatar;

  constructor(stage: Stage, era: Era, avatar: Avatar) {
    super(stage, era, avatar.entity);
    this.#stage = stage;
    this.#era = era;
    this.#avatar = avatar;
  }

  get key(): TravellerId {
    return this.#avatar.traveller;
  }
  get home(): string {
    return this.#stage.custody.residents.get(this.#avatar.traveller)?.home ?? this.#stage.custody.world;
  }
  get items(): readonly Item[] {
    this.#era.check();
    return carriedItems(this.#stage, this.#avatar.traveller);
  }
  get health(): number {
    this.#era.check();
    return this.#avatar.health;
  }
  has(kind: string): boolean {
    return this.items.some((item) => item.kind === kind && item.sealed === undefined);
  }
  give(kind: string, facts?: Facts, minting?: Minting): Item | undefined {
    this.#acts();
    mayMint(this.#stage, kind, minting);
    if (!canCarry(this.#stage, this.#avatar.traveller, 1)) return undefined;
    return mintItem(this.#stage, kind, { in: "inventory", of: this.#avatar.traveller }, facts, minting);
  }
  receive(item: string): boolean {
    this.#acts();
    const row = this.#stage.custody.items.get(item);
    if (row === undefined || (row.place.in !== "ground" && row.place.in !== "fixture"))
      throw new Error(`${item} is not in this world's keeping`);
    const things = flattenItems([itemTree(this.#stage.custody, item)]).length;
    if (!canCarry(this.#stage, this.#avatar.traveller, things)) return false;
    putItem(this.#stage, item, { in: "inventory", of: this.#avatar.traveller });
    return true;
  }
  take(item: string, fixture: string): boolean {
    this.#acts();
    const isSealed = this.#stage.custody.items.get(item)?.seal !== undefined;
    if (isSealed || !carries(this.#stage, this.#avatar.traveller, item)) return false;
    putItem(this.#stage, item, { in: "fixture", name: cutBytes(fixture, 96) });
    return true;
  }
  hold(item: string | undefined): void {
    this.#acts();
    holdItem(this.#stage, this.#avatar.traveller, item === undefined ? undefined : itemHere(this.#stage, item)?.id);
  }
  damage(points: number): void {
    this.#acts();
    hurt(this.#stage, this.#avatar, points);
  }
  heal(points: number): void {
    this.#acts();
    heal(this.#stage, this.#avatar, points);
  }
  tell(words: string, tone: Tone = "info"): void {
    this.#acts();
    const text = cutBytes(words, LIMITS.noticeBytes);
    this.#stage.options.voice.tell(this.#avatar.traveller, { t: "notice", text, tone });
  }
  cross(portal: string): void {
    this.#acts();
    if (!this.#stage.options.portals.some((one) => one.name === portal)) throw new Error(`there is no portal "${portal}"`);
    this.#stage.wishes.push({ wish: "cross", traveller: this.#avatar.traveller, portal });
  }

  /** A traveller who is in the world and in its custody; one who just left cannot be given or taken anything. */
  #acts(): void {
    this.#era.act();
    const resident = this.#stage.custody.residents.get(this.#avatar.traveller);
    if (resident?.status !== "here" || this.#stage.avatars.get(this.#avatar.traveller) !== this.#avatar)
      throw new Error("this traveller is not here any more");
  }
}

const TIERS: readonly Tier[] = ["local", "declared", "provenance", "registered"];

/** Throws when this world knows no such kind, or holds as many items as it may. */
export function mayMint(stage: Stage, kind: string, { tier }: Minting = {}): void {
  if (!stage.options.kinds.items.has(kind)) throw new Error(`"${kind}" is no item of this world`);
  if (stage.custody.items.size >= WORLD_LIMITS.items) throw new Error(`this world holds ${WORLD_LIMITS.items} items; burn some first`);
  if (tier !== undefined && !TIERS.includes(tier)) throw new Error(`"${String(tier)}" is no tier; it is one of ${TIERS.join(", ")}`);
  if ((tier === "provenance" || tier === "registered") && stage.custody.evidenced.size >= CUSTODY.evidenced)
    throw new Error(`this world has made ${CUSTODY.evidenced} items with papers, and can follow no more`);
}
