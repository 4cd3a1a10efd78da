// The shell around the visit's pure machine: its effects become links, signatures, loads and stored passports, and what comes back
// becomes its inputs. Law: no rule of the protocol is decided here; a passport is durable before the machine hears that it is kept.
import type { KeyPair } from "@sojourn/passport";
import {
  decodeOwn,
  decodeWorldControl,
  encodeControl,
  encodeMove,
  type Fault,
  FRAME,
  type HeldCrossing,
  LIMITS,
  type Manifest,
  phaseOf,
  startVisit,
  stepVisit,
  type Target,
  type Visit,
  type VisitConfig,
  type VisitEffect,
  type VisitInput,
  type WorldMessage,
  wakeAtVisit,
} from "@sojourn/protocol";
import { type Clock, type Driver, drive, type Link, randomBytes } from "@sojourn/runtime";
import type { BlockStore, Surroundings } from "@sojourn/substrate";
import { gatewayAddresses, worldAddress } from "./address.ts";
import { answerChallenge } from "./challenge.ts";
import { entrySpots } from "./entry-spots.ts";
import { dropCrossing, keepCrossing, seenWorld, settled } from "./kept.ts";
import { LOADING } from "./limits.ts";
import { NumberedLinks } from "./links.ts";
import type { SubstrateLoader } from "./substrate-loader.ts";
import type { Stage } from "./view/stage.ts";
import type { LoadProgress, TravellerStorage } from "./visitor.ts";

type Load = Extract<VisitEffect, { e: "load-substrate" }>;
type Sign = Extract<VisitEffect, { e: "sign" }>;

export interface ShellTools {
  readonly keys: KeyPair;
  readonly storage: TravellerStorage;
  readonly loader: SubstrateLoader;
  readonly sources: (gateways: readonly string[]) => readonly BlockStore[];
  readonly connect: (url: string) => Link;
  readonly clock: Clock;
  readonly random: () => number;
  readonly stage: Stage;
}

/** What the shell tells its visitor, in the order it happens. */
export interface ShellEars {
  effect(effect: VisitEffect): void;
  /** A snapshot was taken in; its events are due. */
  snapshot(events: readonly { readonly kind: string; readonly entity: number; readonly text: string }[]): void;
  /** The world said where one is. */
  own(): void;
  progress(progress: LoadProgress): void;
  /** The view of the substrate is another one now. */
  substrate(): void;
  manifest(): void;
  trouble(fault: Fault): void;
}

export class VisitShell {
  readonly links: NumberedLinks;
  private readonly driver: Driver<Visit, VisitInput>;
  private readonly tools: ShellTools;
  private readonly ears: ShellEars;
  /** The base address behind the present link. */
  private base: string;
  private isOver = false;

  constructor(config: VisitConfig, tools: ShellTools, ears: ShellEars) {
    this.tools = tools;
    this.ears = ears;
    this.base = config.target.url;
    this.links = new NumberedLinks(tools.connect, {
      opened: (link) => this.feed({ i: "link-open", link, nonce: randomBytes(LIMITS.nonceBytes) }),
      frame: (link, frame) => this.frame(link, frame),
      broken: (link, fault) => this.feed({ i: "bad-frame", link, fault }),
      closed: (link) => this.feed({ i: "link-closed", link, jitter: tools.random() }),
    });
    const machine = { step: stepVisit, wakeAt: wakeAtVisit, wake: { i: "wake" } as const };
    const started = startVisit(config, tools.clock.monotonic());
    this.driver = drive<Visit, VisitInput, VisitEffect>(machine, { state: started.state, effects: [] }, tools.clock, (effect) =>
      this.perform(effect),
    );
    for (const effect of started.effects) this.perform(effect);
  }

  get visit(): Visit {
    return this.driver.state;
  }
  get phase(): ReturnType<typeof phaseOf> {
    return phaseOf(this.driver.state);
  }
  get isLive(): boolean {
    return this.driver.state.step === "live";
  }

  /** Hands the machine an input and lets it act on it now. Never called from within a network callback. */
  feed(input: VisitInput): void {
    if (this.isOver) return;
    this.driver.feed(input);
    this.driver.drain();
  }

  private perform(effect: VisitEffect): void {
    switch (effect.e) {
      case "open-link":
        this.open(effect.link, effect.url);
        break;
      case "close-link":
        this.links.close(effect.link);
        break;
      case "send":
        this.links.send(effect.link, encodeControl(effect.message));
        break;
      case "send-move":
        this.links.send(effect.link, encodeMove(effect.move));
        break;
      case "sign":
        void this.sign(effect);
        break;
      case "load-substrate":
        void this.load(effect);
        break;
      case "keep-passport":
        void this.keep(effect.held);
        break;
      case "drop-passport":
        void settled(dropCrossing(this.tools.storage)).then((dropped) => {
          if (!dropped.ok) this.ears.trouble(dropped.fault);
        });
        break;
      case "ended":
        this.end();
        break;
    }
    this.ears.effect(effect);
  }

  private open(link: number, url: string): void {
    const address = worldAddress(url);
    // Every address in a message has been checked for its form; one that is none all the same is a link that fails like any other.
    this.base = address.ok ? address.value.base : url;
    this.tools.stage.unhear();
    this.links.open(link, address.ok ? address.value.link : url);
  }

  private async sign({ link, challenge, nonce, passport }: Sign): Promise<void> {
    const { keys, storage } = this.tools;
    const target: Target = this.visit.target;
    const asked = { challenge, nonce, passport, base: this.base, expected: target.world };
    const proof = await settled(answerChallenge(asked, keys, storage));
    const signature = proof.ok ? proof.value : proof;
    if (signature.ok) this.feed({ i: "proof-ready", link, signature: signature.value });
    else this.feed({ i: "proof-failed", link, fault: signature.fault });
  }

  private async load({ root, manifest }: Load): Promise<void> {
    const { stage, loader } = this.tools;
    stage.arriveAt(this.base, plainManifest(manifest));
    this.ears.manifest();
    const sources = this.tools.sources(gatewayAddresses(this.base, manifest.gateways));
    const around = await this.surroundings(manifest);
    const loaded = await loader.load({ root, sources, around, onProgress: (progress) => this.ears.progress(progress) });
    if (this.isOver || (!loaded.ok && loaded.fault.code === "cancelled")) return;
    if (!loaded.ok) {
      this.ears.trouble(loaded.fault);
      this.feed({ i: "substrate-failed", root, fault: loaded.fault });
      return;
    }
    if (stage.manifest?.substrate !== root) return;
    stage.setUp(loaded.value);
    this.ears.substrate();
    this.feed({ i: "substrate-ready", root });
  }

  /** What one will see first, as far as one can know before the world says where one is. */
  private async surroundings(manifest: Manifest): Promise<Surroundings> {
    const seen = await settled(seenWorld(this.tools.storage, this.base));
    const known = seen.ok && seen.value?.manifest.world === manifest.world ? seen.value : undefined;
    const arrival = { seen: known, from: this.visit.crossing?.held.origin.world };
    return { spots: (map) => entrySpots(arrival, manifest.portals, map), radius: manifest.physics.viewRadius + LOADING.marginUnits };
  }

  /** Without the passport on disk the origin is not told that it is held: one asks to stay instead. */
  private async keep(held: HeldCrossing): Promise<void> {
    const kept = await settled(keepCrossing(this.tools.storage, held));
    if (kept.ok) this.feed({ i: "passport-kept", transfer: held.transfer });
    else {
      this.ears.trouble(kept.fault);
      this.feed({ i: "stay" });
    }
  }

  private frame(link: number, frame: Uint8Array): void {
    if (this.isOver || link !== this.visit.link) return;
    const input = this.inputOf(link, frame);
    this.feed(input);
  }

  /** Takes a flat frame into the stage, or decodes a message: either way the machine hears of it. */
  private inputOf(link: number, frame: Uint8Array): VisitInput {
    const nowMs = this.tools.clock.monotonic();
    if (frame[0] === FRAME.snapshot) {
      const applied = this.tools.stage.snapshot(frame, nowMs);
      if (applied?.ok === false) return { i: "bad-frame", link, fault: applied.fault };
      if (applied !== undefined) this.ears.snapshot(applied.value.events);
      return { i: "snapshot", link, tick: applied?.value.tick ?? 0 };
    }
    if (frame[0] === FRAME.own) {
      const own = decodeOwn(frame);
      if (!own.ok) return { i: "bad-frame", link, fault: own.fault };
      this.tools.stage.own(own.value, nowMs);
      this.ears.own();
      return { i: "own", link };
    }
    const message = decodeWorldControl(frame);
    if (!message.ok) return { i: "bad-frame", link, fault: message.fault };
    this.before(message.value);
    return { i: "message", link, message: message.value };
  }

  /** A welcome names one's entity, and the snapshot behind it in the same write already counts on that. */
  private before(message: WorldMessage): void {
    if (message.t === "welcome") this.tools.stage.welcome(message.entity);
  }

  /** Ends without a word, for another shell to go on. */
  abandon(): void {
    this.isOver = true;
    this.driver.stop();
    this.links.closeAll();
  }

  private end(): void {
    this.isOver = true;
    this.driver.stop();
    this.tools.loader.stop();
    this.links.closeAll();
  }
}

/** The manifest without what made it a message. */
function plainManifest(message: Manifest & { readonly t?: unknown }): Manifest {
  const { t: _, ...manifest } = message;
  return manifest;
}
