// What the visit's machine does and a world says, told in an author's words: what one has, what customs said, who speaks, what changed.
import type { ClientState, Fault, Intent, Item, Manifest, Ruling, VisitEffect, WorldMessage } from "@sojourn/protocol";
import type { Clock } from "@sojourn/runtime";
import { BorderView } from "./border-view.ts";
import { Listeners } from "./events.ts";
import { INTENTS } from "./limits.ts";
import type { Stage } from "./view/stage.ts";
import type { Crossing, Ghost, LoadProgress } from "./visitor.ts";

type Welcome = Extract<WorldMessage, { t: "welcome" }>;
type Phase = Extract<VisitEffect, { e: "phase" }>;

export class Telling {
  readonly listeners: Listeners = new Listeners();
  state: ClientState = "CONNECTING";
  items: readonly Item[] = [];
  locker: readonly Item[] = [];
  rulings: readonly Ruling[] = [];
  progress: LoadProgress | undefined;
  /** Times one came back to a world after its authority was gone. */
  reconnects = 0;
  private readonly clock: Clock;
  private readonly stage: Stage;
  private readonly border: BorderView = new BorderView();
  private haunting: { readonly sinceMs: number; readonly reason: Fault } | undefined;
  private welcome: Welcome | undefined;
  private liveIn: string | undefined;
  /** Intents that are out, by number, so that a refusal can name what it refuses. */
  private readonly sent: Map<number, Intent> = new Map();

  constructor(clock: Clock, stage: Stage) {
    this.clock = clock;
    this.stage = stage;
  }

  get crossing(): Crossing | undefined {
    return this.border.at(this.clock.monotonic());
  }
  get ghost(): Ghost | undefined {
    if (this.haunting === undefined) return undefined;
    return { ...this.haunting, ageMs: Math.max(0, this.clock.now() - this.haunting.sinceMs) };
  }

  /** When the world shown was last heard, ms since 1970, although this visit never heard it. */
  lastHeardMs: number | undefined;

  effect(effect: VisitEffect): void {
    switch (effect.e) {
      case "deliver":
        this.message(effect.message);
        break;
      case "crossing":
        this.listeners.tell("crossing", this.border.stepped(effect, this.clock.monotonic()));
        break;
      case "refused":
        this.listeners.tell("reject", { fault: effect.fault, intent: effect.intent });
        break;
      case "send":
        if (effect.message.t === "intent") this.remember(effect.message.seq, effect.message.intent);
        break;
      case "open-link":
        this.sent.clear();
        this.border.linkOpens();
        break;
      case "phase":
        this.phase(effect);
        break;
    }
  }

  happened(events: readonly { readonly kind: string; readonly entity: number; readonly text: string }[]): void {
    const scene = this.stage.shown;
    for (const { kind, entity, text } of events) {
      const name = scene?.nameOf(entity) ?? "";
      if (kind === "say") this.listeners.tell("say", { entity, name, text, isMe: entity !== 0 && entity === scene?.me });
      else if (kind === "effect") this.listeners.tell("effect", { entity, text });
      else if (kind === "notice") this.listeners.tell("notice", { text, tone: "info" });
      else this.listeners.tell("presence", { entity, name, text, came: kind === "arrive" });
    }
  }

  loading(progress: LoadProgress): void {
    this.progress = progress;
    this.listeners.tell("progress", progress);
  }

  private remember(seq: number, intent: Intent): void {
    this.sent.set(seq, intent);
    if (this.sent.size > INTENTS.remembered) this.sent.delete(this.sent.keys().next().value as number);
  }

  private message(message: WorldMessage): void {
    switch (message.t) {
      case "welcome":
        this.welcome = message;
        this.rulings = message.rulings;
        this.has(message.items, message.locker);
        if (message.rulings.length > 0) this.customs(message.rulings);
        break;
      case "items":
        this.has(message.items, message.locker);
        break;
      case "notice":
        this.listeners.tell("notice", { text: message.text, tone: message.tone });
        break;
      case "reject": {
        const intent = message.seq === undefined ? undefined : this.sent.get(message.seq);
        this.listeners.tell("reject", { fault: message.fault, ...(intent === undefined ? {} : { intent }) });
        break;
      }
      case "crossing":
        this.listeners.tell("crossing", this.border.heard(message, this.clock.monotonic()));
        if (message.rulings.length > 0) this.customs(message.rulings, message.destination);
        break;
    }
  }

  private has(items: readonly Item[], locker: readonly Item[]): void {
    this.items = items;
    this.locker = locker;
    this.listeners.tell("items", { items, locker });
  }

  private customs(rulings: readonly Ruling[], world: string = this.stage.manifest?.name ?? ""): void {
    this.listeners.tell("customs", { world, rulings });
  }

  private phase({ phase, ghost }: Phase): void {
    const before = this.state;
    if (before === phase) return;
    this.state = phase;
    const sinceMs = ghost === undefined ? 0 : this.clock.now() - (this.clock.monotonic() - ghost.sinceMs);
    this.haunting = ghost === undefined ? undefined : { sinceMs: this.lastHeardMs ?? sinceMs, reason: ghost.reason };
    this.listeners.tell("state", phase);
    if (this.ghost !== undefined) this.listeners.tell("ghost", this.ghost);
    if (phase === "LIVE") this.live(before);
  }

  private live(before: ClientState): void {
    const { manifest } = this.stage;
    const { welcome } = this;
    if (before === "GHOST") this.reconnects += 1;
    this.lastHeardMs = undefined;
    if (manifest !== undefined && manifest.world !== this.liveIn) {
      this.liveIn = manifest.world;
      const from = welcome?.from;
      this.listeners.tell("arrived", { world: manifest.name, rulings: this.rulings, ...(from === undefined ? {} : { from }) });
    }
    const ended = this.border.live(this.clock.monotonic());
    if (ended !== undefined) this.listeners.tell("crossing", ended);
    this.listeners.tell("live", { resumed: welcome?.resumed ?? true });
  }

  manifest(): void {
    this.listeners.tell("manifest", this.stage.manifest as Manifest);
  }
}
