// The live world between two ticks, in one place: its rows, its travellers, its ground, its ledger. Everything that happens in a tick
// happens to this; nothing here talks to the network.
import {
  CellEncoder,
  EntityColumns,
  fieldTable,
  type MoveQueue,
  type PhysicsConfig,
  type Solids,
  type TravellerId,
  type WorldEvent,
  type WorldMessage,
} from "@sojourn/protocol";
import { type Log, seededRandom } from "@sojourn/runtime";
import { HookGuard } from "../author/guard.ts";
import type { AnyDefinition } from "../options.ts";
import { Entities, type EntityInfo } from "./entities.ts";
import type { Ground } from "./ground.ts";
import type { KindTable } from "./kinds.ts";
import type { Ledger } from "./ledger.ts";
import type { Portal } from "./portals.ts";

/** A traveller's body in the live world. */
export interface Avatar {
  readonly traveller: TravellerId;
  readonly entity: EntityInfo;
  readonly name: string;
  health: number;
  /** The item shown in the hand. */
  held: string | undefined;
  readonly moves: MoveQueue;
  /** When it last took a step of its own will; steady time. */
  walkedAtMs: number;
  /** Ids of the zones and things the body is in or touches now, so that entering and leaving are each said once. */
  readonly zonesIn: Set<string>;
  readonly touched: Set<number>;
  /** Where it was looked for in zones last; who stands still is not looked for again. */
  zonedAt: { readonly x: number; readonly y: number } | undefined;
  /** Set while the link is lost: when the body is put to rest. */
  restAtMs: number | undefined;
  /** What the journal knows of place and health, and since when. */
  noted: { x: number; y: number; health: number };
  notedAtMs: number;
}

/** Words spoken in this tick: heard within the chat range of where they were spoken. */
export interface Spoken {
  readonly x: number;
  readonly y: number;
  readonly event: WorldEvent;
}

/** Control messages that wait for the end of the tick. */
export interface Voice {
  tell(traveller: TravellerId, message: WorldMessage): void;
  tellAll(message: WorldMessage): void;
}

export interface MapThing {
  readonly entity: number;
  readonly said: string;
}

/** Why a hook's doing crossed into another part of the world; worked off after the hook. */
export type Wish = { readonly wish: "cross"; readonly traveller: TravellerId; readonly portal: string };

export interface StageOptions {
  readonly definition: AnyDefinition;
  readonly name: string;
  readonly physics: PhysicsConfig;
  readonly fullHealth: number;
  readonly kinds: KindTable;
  readonly ledger: Ledger;
  readonly ground: Ground;
  /** Another map has others. */
  portals: readonly Portal[];
  /** Whether a portal leads to a world that is pinned. */
  readonly isLeading: (portal: Portal) => boolean;
  readonly voice: Voice;
  readonly log: Log;
  readonly firstTick: number;
  readonly monotonic: () => number;
  readonly seed: number;
}

export class Stage {
  readonly options: StageOptions;
  readonly entities: Entities;
  readonly encoder: CellEncoder;
  readonly avatars: Map<TravellerId, Avatar> = new Map();
  /** Entities of lying items and of builds that are not in the substrate yet. */
  readonly lying: Map<string, number> = new Map();
  readonly built: Map<string, number> = new Map();
  /** Things that the map brought: their entity, and what the map said of them. */
  readonly mapThings: Map<string, MapThing> = new Map();
  readonly guard: HookGuard;
  /** Everything that stands in the way: the ground's solids and those of entities. */
  readonly solids: Solids;
  spoken: Spoken[] = [];
  wishes: Wish[] = [];
  tick: number;
  /** Wall time of the tick, and the monotonic time. */
  timeMs = 0;
  steadyMs = 0;
  /** Ticks a second are the physics' tickHz times this: less than 1 while there is more to do than the machine can. */
  pace = 1;
  random: () => number = Math.random;
  /** Travellers whose things changed in this tick and who must be shown them. */
  readonly changedThings: Set<TravellerId> = new Set();
  /** Makes the moments hooks are handed; set once by the author's side. */
  moments: MomentMaker = notYet;

  constructor(options: StageOptions) {
    this.options = options;
    this.tick = options.firstTick;
    const columns = new EntityColumns(fieldTable(options.kinds.components));
    this.entities = new Entities(columns, options.kinds);
    this.encoder = new CellEncoder(columns);
    this.guard = new HookGuard({ log: options.log, now: options.monotonic, begin: () => this.moments.begin() });
    this.solids = {
      visit: (x0, y0, x1, y1, see) => {
        options.ground.solids.visit(x0, y0, x1, y1, see);
        this.entities.solids.visit(x0, y0, x1, y1, see);
      },
    };
  }

  get custody(): Ledger["custody"] {
    return this.options.ledger.custody;
  }

  /** Begins a tick: time and chance are handed in here and stay the same all through it. */
  begin(steadyMs: number): void {
    this.tick += 1;
    this.refresh(steadyMs);
    const random = seededRandom(this.options.seed ^ Math.imul(this.tick, 0x9e37_79b1));
    this.random = () => random.next();
  }

  /** Time goes on between two ticks. */
  refresh(steadyMs: number): void {
    this.timeMs = this.options.ledger.timeMs;
    this.steadyMs = steadyMs;
  }

  /** Something seen where it happens. */
  show(kind: WorldEvent["kind"], entity: EntityInfo, text: string): void {
    const { x, y } = this.entities.at(entity);
    this.encoder.addEvent(x, y, { kind, entity: entity.id, text });
  }

  speak(entity: EntityInfo, words: string): void {
    const { x, y } = this.entities.at(entity);
    this.spoken.push({ x, y, event: { kind: "say", entity: entity.id, text: words } });
  }

  /** Calls a hook of the author's, if there is one, with a moment about `what`; the sentence it refused with, if it refused. */
  hook(name: string, hook: Hook | undefined, what: About = {}): string | undefined {
    if (hook === undefined || this.guard.isOff(name)) return undefined;
    return this.guard.run(name, () => Reflect.apply(hook, undefined, [this.moments.moment(what)]));
  }
}

/** An author's function, whatever moment it wants; definition.ts gives the exact types, which are gone once kinds are plain text. */
// biome-ignore lint/suspicious/noExplicitAny: see above.
export type Hook = (moment: any) => unknown;

/** What a moment is about, besides the world. Entities and travellers by what the stage knows them by; the rest is handed on as it is. */
export interface About {
  readonly traveller?: Avatar;
  readonly target?: EntityInfo | undefined;
  readonly more?: { readonly [name: string]: unknown };
}

/** The author's side of the stage; see author/facade.ts. */
export interface MomentMaker {
  /** Opens the time in which moments made from now on are good; the returned function ends it. */
  begin(): () => void;
  moment(about: About): object;
}

const notYet: MomentMaker = {
  begin: () => () => {},
  moment: () => {
    throw new Error("the stage has no author's side yet");
  },
};
