// The visitor itself: the author's asks go to the shell, the author's looks to the stage. Every timer of a visit is armed here.
import type { KeyPair } from "@sojourn/passport";
import {
  type ClientState,
  check,
  type EntityId,
  type Fault,
  type Intent,
  type Item,
  type ItemRef,
  intentSchema,
  type Manifest,
  type Move,
  type Ruling,
  type Target,
  type TravellerId,
  type VisitConfig,
  type VisitEffect,
} from "@sojourn/protocol";
import type { Clock, Link } from "@sojourn/runtime";
import type { BlockStore, Spot, SubstrateView, Surroundings } from "@sojourn/substrate";
import { gatewayAddresses, type WorldAddress } from "./address.ts";
import { beginning } from "./beginning.ts";
import { spawnSpots } from "./entry-spots.ts";
import { Following, type FollowingHost } from "./following.ts";
import { rememberWorld, seenWorld, settled } from "./kept.ts";
import { BORDER, LEAVING, LOADING } from "./limits.ts";
import { PortalPrefetch } from "./portal-prefetch.ts";
import { SubstrateLoader } from "./substrate-loader.ts";
import { SubstrateUpdates } from "./substrate-updates.ts";
import { Swarm, type SwarmOptions, type SwarmReport } from "./swarm/swarm.ts";
import { Telling } from "./telling.ts";
import { Stage } from "./view/stage.ts";
import { VisitShell } from "./visit-shell.ts";
import type {
  Crossing,
  Ghost,
  LoadProgress,
  Me,
  ResumedBy,
  TravellerStorage,
  ViewFrame,
  Visitor,
  VisitorEvents,
  VisitStats,
} from "./visitor.ts";

/** {@link EnterOptions} with every default in place. */
export interface VisitingTools {
  readonly name: string;
  readonly keys: KeyPair | undefined;
  readonly storage: TravellerStorage;
  readonly cache: BlockStore;
  readonly sources: (gateways: readonly string[]) => readonly BlockStore[];
  readonly prefetch: boolean;
  readonly card: (base: string, signal: AbortSignal) => Promise<string | undefined>;
  readonly connect: (url: string) => Link;
  readonly swarm: SwarmOptions | false;
  readonly clock: Clock;
  readonly random: () => number;
}

export class Visiting implements Visitor {
  readonly closed: Promise<Fault | undefined>;
  traveller: TravellerId | undefined;
  private readonly tools: VisitingTools;
  private readonly stage: Stage;
  private readonly telling: Telling;
  private readonly loader: SubstrateLoader;
  private readonly updates: SubstrateUpdates;
  private readonly sharing: Swarm;
  private readonly prefetch: PortalPrefetch | undefined;
  private readonly following: Following;
  private keys: KeyPair | undefined;
  /** When the world shown was last heard itself, when it was not by this visit. */
  private heardMs: number | undefined;
  private shell: VisitShell | undefined;
  private settleClosed: (fault: Fault | undefined) => void = () => {};
  private isOver = false;
  private readonly say: (move: Move) => void;
  private cancelStep: (() => void) | undefined;
  private cancelPatience: (() => void) | undefined;

  constructor(address: WorldAddress, tools: VisitingTools) {
    this.sharing = new Swarm(tools.cache, tools, tools.swarm);
    this.tools = { ...tools, sources: (gateways) => this.sharing.sources(tools.sources(gateways)) };
    this.stage = new Stage(address.base);
    this.telling = new Telling(tools.clock, this.stage);
    this.loader = new SubstrateLoader(this.sharing.noted(), tools.clock);
    this.updates = new SubstrateUpdates(this.loader, tools.clock, {
      sources: () => this.tools.sources(gatewayAddresses(this.stage.worldUrl, this.stage.manifest?.gateways ?? [])),
      around: () => this.around(),
      progress: (progress) => this.loaded(progress),
      ready: (view) => this.swapped(view),
    });
    this.prefetch = tools.prefetch
      ? new PortalPrefetch({
          ...tools,
          seen: (base) => this.seenAt(base),
          tell: (prefetched) => this.telling.listeners.tell("prefetch", prefetched),
        })
      : undefined;
    this.following = new Following({ ...tools, friends: tools.swarm === false ? [] : (tools.swarm.friends ?? []) }, this.followingHost());
    this.say = (move) => this.shell?.feed({ i: "move", move });
    this.closed = new Promise((resolve) => {
      this.settleClosed = resolve;
    });
    void this.begin(address);
  }

  get state(): ClientState {
    return this.telling.state;
  }
  get worldUrl(): string {
    return this.stage.worldUrl;
  }
  get manifest(): Manifest | undefined {
    return this.stage.manifest;
  }
  get substrate(): SubstrateView | undefined {
    return this.stage.substrate;
  }
  get progress(): LoadProgress | undefined {
    return this.telling.progress;
  }
  get items(): readonly Item[] {
    return this.telling.items;
  }
  get locker(): readonly Item[] {
    return this.telling.locker;
  }
  get rulings(): readonly Ruling[] {
    return this.telling.rulings;
  }
  get crossing(): Crossing | undefined {
    return this.telling.crossing;
  }
  get ghost(): Ghost | undefined {
    return this.telling.ghost;
  }
  get resumed(): ResumedBy | undefined {
    return this.following.resumed;
  }
  get swarm(): SwarmReport | undefined {
    return this.sharing.report;
  }
  get me(): Me | undefined {
    const scene = this.stage.shown;
    if (scene === undefined || !scene.predictor.isPlaced) return undefined;
    const { x, y, isFrozen } = scene.predictor;
    return { entity: scene.me, x, y, facing: scene.myFacing, health: scene.myHealth, frozen: isFrozen };
  }
  get stats(): VisitStats {
    const scene = this.stage.shown;
    const corrections = scene?.predictor.corrections;
    return {
      rttMs: this.shell?.visit.rttMs ?? 0,
      jitterMs: scene?.playback.jitterMs ?? 0,
      tick: scene?.tick ?? 0,
      tickHz: this.manifest?.physics.tickHz ?? 0,
      pace: scene?.playback.pace ?? 1,
      bytesIn: this.shell?.links.bytesIn ?? 0,
      bytesOut: this.shell?.links.bytesOut ?? 0,
      framesIn: this.shell?.links.framesIn ?? 0,
      framesOut: this.shell?.links.framesOut ?? 0,
      entities: scene?.entityCount ?? 0,
      correction: corrections?.last ?? 0,
      corrections: corrections?.visible ?? 0,
      largestCorrection: corrections?.largest ?? 0,
      unanswered: scene?.predictor.unanswered ?? 0,
      interpolationMs: scene?.playback.delayMs ?? 0,
      reconnects: this.telling.reconnects,
    };
  }

  on<E extends keyof VisitorEvents>(event: E, listener: (value: VisitorEvents[E]) => void): () => void {
    return this.telling.listeners.on(event, listener);
  }

  frame(timeMs: number = this.tools.clock.monotonic()): ViewFrame {
    this.advance(timeMs);
    return this.stage.frame(timeMs, this.state === "GHOST");
  }

  walk(dx: number, dy: number): void {
    if (this.isOver) return;
    this.stage.walk(dx, dy);
    this.advance(this.tools.clock.monotonic());
  }

  interact(entity: EntityId): void {
    this.ask({ kind: "interact", target: entity });
  }
  use(item: ItemRef, entity?: EntityId): void {
    this.ask(entity === undefined ? { kind: "use", item } : { kind: "use", item, target: entity });
  }
  chat(text: string): void {
    this.ask({ kind: "chat", text });
  }
  pickUp(entity: EntityId): void {
    this.ask({ kind: "pick-up", target: entity });
  }
  drop(item: ItemRef): void {
    this.ask({ kind: "drop", item });
  }
  place(item: ItemRef, x: number, y: number, text?: string): void {
    this.ask(text === undefined ? { kind: "place", item, x, y } : { kind: "place", item, x, y, text });
  }
  cross(portal: string): void {
    this.ask({ kind: "cross", portal });
  }
  stay(): void {
    this.shell?.feed({ i: "stay" });
  }

  share(options: SwarmOptions | false): void {
    const whole = this.progress?.done === true ? this.progress.root : undefined;
    if (!this.isOver) this.sharing.choose(options, this.worldUrl, this.manifest, whole);
  }

  async leave(): Promise<void> {
    if (!this.isOver) {
      const remembered = this.remember();
      if (this.shell === undefined) this.over(undefined);
      else this.shell.feed({ i: "leave" });
      await remembered;
    }
    await this.closed;
  }

  /** What cannot even be said is refused here, with the fault the world would give. */
  private ask(intent: Intent): void {
    const said = check(intentSchema, intent, "intent");
    if (!said.ok) this.telling.listeners.tell("reject", { fault: said.fault, intent });
    else this.shell?.feed({ i: "intent", intent });
  }

  private async begin(address: WorldAddress): Promise<void> {
    const { tools, loader, stage } = this;
    const begun = await beginning(address.base, tools.name, tools.keys, tools.storage, loader);
    if (this.isOver) return;
    if (!begun.ok) {
      this.over(begun.fault);
      return;
    }
    const { keys, crossing, seen } = begun.value;
    this.traveller = keys.id;
    if (seen !== undefined) {
      const { manifest, seenMs } = seen.world;
      stage.haunt(address.base, manifest, seen.view, seen.world);
      this.telling.lastHeardMs = seenMs;
      this.heardMs = seen.world.heardMs;
      this.arrived();
      this.telling.listeners.tell("substrate", seen.view);
    }
    this.keys = keys;
    this.shell = this.shellTo(
      {
        target: { url: address.base },
        traveller: keys.id,
        name: tools.name,
        ...(seen === undefined ? {} : { substrate: seen.world.manifest.substrate }),
        ...(crossing === undefined ? {} : { crossing }),
      },
      keys,
    );
  }

  private shellTo(config: VisitConfig, keys: KeyPair): VisitShell {
    const { tools, loader, stage } = this;
    return new VisitShell(
      config,
      { ...tools, keys, loader, stage },
      {
        effect: (effect) => this.effect(effect),
        snapshot: (events) => this.telling.happened(events),
        own: () => {
          this.advance(this.tools.clock.monotonic());
          this.look();
        },
        progress: (progress) => this.loaded(progress),
        manifest: () => this.arrived(),
        substrate: () => this.settledIn(),
        trouble: (fault) => this.telling.listeners.tell("reject", { fault }),
      },
    );
  }

  /** What shows of this visit to whoever looks for heirs, and what follows from what they find. */
  private followingHost(): FollowingHost {
    const visiting = this;
    return {
      get worldUrl() {
        return visiting.worldUrl;
      },
      get manifest() {
        return visiting.manifest;
      },
      get heardMs() {
        return visiting.heardMs ?? visiting.ghost?.sinceMs;
      },
      get isCrossing() {
        return visiting.shell?.visit.crossing !== undefined;
      },
      goOn: (target) => this.goOn(target),
      resumed: (by) => this.telling.listeners.tell("resumed", by),
      copy: (copy) => this.telling.listeners.tell("copy", copy),
    };
  }

  /** The same traveller, at another door: what is shown stays until something better comes from there. */
  private goOn(target: Target): void {
    const { keys, shell, telling, tools, substrate } = this;
    if (this.isOver || keys === undefined || shell === undefined) return;
    telling.lastHeardMs = this.ghost?.sinceMs;
    shell.abandon();
    const known = substrate === undefined ? {} : { substrate: substrate.version.root };
    this.shell = this.shellTo({ target, traveller: keys.id, name: tools.name, ...known }, keys);
  }

  /** One is told of a world: its swarm is joined before its first block is asked for. */
  private arrived(): void {
    if (this.manifest !== undefined) {
      this.sharing.enter(this.worldUrl, this.manifest);
      this.following.arrived(this.manifest, this.worldUrl);
    }
    this.telling.manifest();
  }

  private loaded(progress: LoadProgress): void {
    if (progress.done) this.sharing.holdsWhole(progress.root);
    this.telling.loading(progress);
  }

  private effect(effect: VisitEffect): void {
    const wasGhost = this.state === "GHOST";
    if (effect.e === "phase" && effect.phase === "LIVE" && wasGhost) this.stage.comeBack();
    if (effect.e === "load-substrate") {
      this.updates.stop();
      this.prefetch?.stop();
    }
    this.telling.effect(effect);
    if (effect.e === "deliver" && effect.message.t === "substrate") this.announced(effect.message.root);
    if (effect.e === "crossing") this.watchBorder(effect.stage);
    if (effect.e === "phase") this.phase(effect.phase);
    if (effect.e === "phase") this.advance(this.tools.clock.monotonic());
    if (effect.e === "ended") this.over(effect.fault);
  }

  private phase(phase: ClientState): void {
    if (phase === "GHOST") {
      void this.remember();
      this.following.ghost();
    } else if (phase === "LIVE") {
      this.heardMs = undefined;
      this.following.live();
    }
  }

  /** A destination that does not answer is not waited for: one asks to be taken back, and is, once it is decided. */
  private watchBorder(stage: Crossing["stage"]): void {
    if (stage !== "presenting") return;
    const { clock } = this.tools;
    this.cancelPatience?.();
    this.cancelPatience = clock.schedule(clock.monotonic() + BORDER.stayAfterMs, () => {
      const visit = this.shell?.visit;
      const isUnanswered = visit !== undefined && UNANSWERED.has(visit.step) && visit.crossing?.heading === "going";
      if (isUnanswered && visit.crossing.attempts > 1) this.stay();
    });
  }

  private announced(root: string): void {
    if (root !== this.substrate?.version.root) this.updates.announced(root);
  }

  private swapped(view: SubstrateView): void {
    this.stage.swap(view);
    this.telling.listeners.tell("substrate", view);
    void this.remember();
  }

  private settledIn(): void {
    if (this.substrate !== undefined) this.telling.listeners.tell("substrate", this.substrate);
    void this.remember();
  }

  /** Keeps what one would want to see of this world when nobody answers for it any more. A storage that cannot is no reason to stop. */
  private async remember(): Promise<void> {
    const { worldUrl: url, manifest, substrate, me } = this;
    if (manifest === undefined || substrate?.version.root !== manifest.substrate) return;
    const zone = substrate.version.zones.find((one) => one.class === "spawn");
    const { x0, y0, x1, y1 } = substrate.version.bounds;
    const at = me ?? (zone === undefined ? { x: (x0 + x1) / 2, y: (y0 + y1) / 2 } : { x: zone.x + zone.w / 2, y: zone.y + zone.h / 2 });
    const seenMs = Math.round(this.ghost?.sinceMs ?? this.tools.clock.now());
    await settled(rememberWorld(this.tools.storage, { url, seenMs, manifest, x: at.x, y: at.y }));
  }

  /** Walks the steps that are due and asks to be woken for the next: the world's tick is kept whatever the frame rate. */
  private advance(nowMs: number): void {
    const { state, stage, shell } = this;
    if (state === "LIVE" && shell?.isLive === true) stage.advance(nowMs, this.say);
    else if (state === "GHOST") stage.advance(nowMs);
    else return;
    this.look();
    const predictor = stage.shown?.predictor;
    if (predictor === undefined || !predictor.isDue || this.isOver || this.cancelStep !== undefined) return;
    this.cancelStep = this.tools.clock.schedule(predictor.dueMs, () => {
      this.cancelStep = undefined;
      this.advance(this.tools.clock.monotonic());
    });
  }

  /** Loading follows one's steps: of this world, and of the one behind a portal nearby. */
  private look(): void {
    const { stage, manifest, state } = this;
    const at = stage.me;
    if (at === undefined || manifest === undefined) return;
    this.loader.moveTo(at.x, at.y);
    if (state === "LIVE" && this.shell?.isLive === true) this.prefetch?.near(at, manifest);
  }

  private around(): Surroundings {
    const { stage, manifest } = this;
    const radius = (manifest?.physics.viewRadius ?? 0) + LOADING.marginUnits;
    const at = stage.me;
    return { spots: at === undefined ? spawnSpots : [{ x: at.x, y: at.y }], radius };
  }

  private async seenAt(base: string): Promise<Spot | undefined> {
    const seen = await settled(seenWorld(this.tools.storage, base));
    return seen.ok && seen.value !== undefined ? { x: seen.value.x, y: seen.value.y } : undefined;
  }

  private over(fault: Fault | undefined): void {
    if (this.isOver) return;
    this.isOver = true;
    this.cancelStep?.();
    this.cancelPatience?.();
    this.updates.stop();
    this.prefetch?.stop();
    this.loader.stop();
    this.sharing.leave();
    this.following.end();
    if (this.state !== "CLOSED") this.telling.effect({ e: "phase", phase: "CLOSED" });
    void this.linksClosed().then(() => this.settleClosed(fault));
  }

  /** A world that is gone does not answer a goodbye either. */
  private async linksClosed(): Promise<void> {
    if (this.shell === undefined) return;
    const { clock } = this.tools;
    let cancel: () => void = () => {};
    const patience = new Promise<void>((resolve) => {
      cancel = clock.schedule(clock.monotonic() + LEAVING.closeMs, resolve);
    });
    await Promise.race([this.shell.links.emptied(), patience]);
    cancel();
  }
}

/** Steps in which the destination has not answered yet. */
const UNANSWERED: ReadonlySet<string> = new Set(["opening", "greeting", "closing", "waiting"]);
