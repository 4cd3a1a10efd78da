// One visit on the screen, from the first knock to the end: hears the visitor, draws every frame, turns input into asking.
import type { LinkConditioner, ResumedBy, ViewEntity, ViewFrame, Visitor } from "@sojourn/client";
import type { Fault, Item, ItemKindInfo, Ruling } from "@sojourn/protocol";
import type { StaticObject } from "@sojourn/substrate";
import type { Picture } from "../hud/debug.ts";
import { openDialog } from "../hud/dialog.ts";
import { askText, showHelp } from "../hud/help.ts";
import { kindOf, rememberKinds } from "../hud/inventory.ts";
import { closeMenu, showMenu } from "../hud/menu.ts";
import { showLocker, showReport } from "../hud/passport-page.ts";
import { sharingAt } from "../hud/sharing.ts";
import { VIEW } from "../limits.ts";
import { element } from "../page/element.ts";
import { WORDS } from "../page/strings.ts";
import { Health } from "./health.ts";
import { Hud } from "./hud.ts";
import { Keyboard } from "./keyboard.ts";
import { isBurst } from "./particles.ts";
import { Pointer } from "./pointer.ts";
import { SceneView } from "./scene-view.ts";
import { distanceTo, entityAt, headingOf, nearestTarget, nearestWriting, portalNear } from "./targets.ts";
import { Walking } from "./walking.ts";

const REPORT_DELAY_MS = 2_600;
const HINT_PORTAL_UNITS = 1.6;

export class Screen {
  readonly visitor: Visitor;
  private readonly root: HTMLElement;
  private readonly canvas: HTMLCanvasElement;
  private readonly view: SceneView;
  private readonly hud: Hud;
  private readonly keyboard: Keyboard;
  private readonly pointer: Pointer;
  private readonly walking: Walking;
  private readonly health = new Health();
  private readonly stop = new AbortController();
  private readonly watch: ResizeObserver;
  private frame: ViewFrame | undefined;
  private target: ViewEntity | undefined;
  private writing: StaticObject | undefined;
  private report: { world: string; rulings: readonly Ruling[]; at: Date } | undefined;
  private world: string | undefined;
  private carried: Map<string, number> | undefined;
  private lastMs = 0;
  private running = 0;
  private readonly name: string;
  private readonly friends: readonly string[];

  /** @param friends worlds that may know where others are when the world itself is gone. */
  constructor(host: HTMLElement, visitor: Visitor, name: string, conditioner: LinkConditioner, friends: readonly string[]) {
    this.visitor = visitor;
    this.name = name;
    this.friends = friends;
    this.canvas = element("canvas", {
      class: "world",
      testId: "world",
      attributes: { tabindex: "0", role: "application", "aria-label": WORDS.productName },
    });
    this.root = element("main", { class: "play", testId: "play" }, this.canvas);
    host.replaceChildren(this.root);
    this.view = new SceneView(this.canvas);
    this.hud = new Hud(this.root, this.view.stage, conditioner, {
      act: () => this.act(),
      chat: (text) => this.ask(() => visitor.chat(text)),
      stay: () => visitor.stay(),
      help: () => this.openHelp(),
      locker: () => this.openLocker(),
      customs: () => this.openReport(),
      focusWorld: () => this.canvas.focus({ preventScroll: true }),
      use: (item) => this.ask(() => visitor.use(item.id, this.target?.id)),
      drop: (item) => this.ask(() => visitor.drop(item.id)),
      place: (item, info) => void this.place(item, info),
    });
    this.keyboard = new Keyboard({
      interact: () => this.act(),
      slot: (index, only) => this.hud.inventory.press(index, only),
      drop: () => this.hud.inventory.deed("drop"),
      place: () => this.hud.inventory.deed("place"),
      chat: () => this.hud.chat.open(),
      escape: () => void (closeMenu() || this.hud.inventory.closeCard()),
      debug: () => this.hud.debug.toggle(),
      locker: () => this.openLocker(),
      customs: () => this.openReport(),
      help: () => this.openHelp(),
    });
    this.pointer = new Pointer(this.canvas, this.root, {
      tap: (x, y) => this.tap(x, y),
      menu: (x, y) => this.menu(x, y),
      hover: (x, y) => this.hover(x, y),
    });
    this.walking = new Walking(visitor);
    this.listen();
    this.watch = new ResizeObserver(() => this.resize());
    this.watch.observe(this.root);
    this.resize();
    this.canvas.focus({ preventScroll: true });
    this.running = requestAnimationFrame((timeMs) => this.step(timeMs));
  }

  /** What is drawn, for tests. */
  get picture(): SceneView {
    return this.view;
  }

  dispose(): void {
    cancelAnimationFrame(this.running);
    this.stop.abort();
    this.watch.disconnect();
    this.keyboard.dispose();
    this.pointer.dispose();
    openDialog()?.close();
    this.view.stage.dispose();
    this.root.remove();
  }

  private listen(): void {
    const { visitor, hud } = this;
    const stops = [
      visitor.on("manifest", rememberKinds),
      visitor.on("substrate", (view) => void this.showWorld(view)),
      visitor.on("say", ({ entity, name, text }) => {
        hud.labels.speak(entity, text, performance.now());
        hud.chat.add(WORDS.chat.line(name, text));
      }),
      visitor.on("effect", ({ entity, text }) => this.effect(entity, text)),
      visitor.on("notice", ({ text, tone }) => hud.notices.say(text, tone)),
      visitor.on("reject", ({ fault }) => hud.notices.say(visitor.ghost === undefined ? fault.detail : WORDS.ghost.cannot, "warn")),
      visitor.on("items", ({ items }) => this.countItems(items)),
      visitor.on("customs", ({ world, rulings }) => {
        this.report = { world, rulings, at: new Date() };
      }),
      visitor.on("arrived", ({ world, from, rulings }) => this.arrived(world, from, rulings)),
      visitor.on("resumed", (by) => {
        if (visitor.ghost !== undefined) hud.notices.say(WORDS.heirs.followed(by.name), "good");
        this.showHeir(by);
      }),
      visitor.on("copy", (copy) => {
        hud.notices.say(WORDS.heirs.copy(copy.at, copy.why), "warn");
        if (copy.at === visitor.worldUrl && visitor.manifest?.resumes === copy.world)
          hud.status.setHeir(WORDS.heirs.copyLabel, WORDS.heirs.copy(copy.at, copy.why));
      }),
      visitor.on("manifest", () => this.showHeir(visitor.resumed)),
      visitor.on("live", () => {
        if (this.root.classList.contains("ghost")) hud.notices.say(WORDS.ghost.back(visitor.manifest?.name ?? ""), "good");
      }),
    ];
    this.stop.signal.addEventListener("abort", () => {
      for (const end of stops) end();
    });
    if (visitor.substrate !== undefined) void this.showWorld(visitor.substrate);
  }

  /** By whom, and under whose statement, this world is gone on with; nothing for a world that speaks for itself. */
  private showHeir(by: ResumedBy | undefined): void {
    if (by === undefined) {
      this.hud.status.setHeir(undefined);
      return;
    }
    const { name, heir, statement, sinceMs } = by;
    const more = WORDS.heirs.title(name, heir, statement, new Date(sinceMs).toLocaleString());
    this.hud.status.setHeir(WORDS.heirs.label(name, heir, statement), more);
  }

  private async showWorld(view: NonNullable<Visitor["substrate"]>): Promise<void> {
    const world = this.visitor.manifest?.world;
    const sameWorld = this.world === world;
    this.world = world;
    if (!sameWorld) {
      this.hud.labels.clear();
      this.health.clear();
      this.walking.clear();
    }
    const failed = await this.view.show(view, sameWorld);
    if (failed > 0) this.hud.notices.say(WORDS.pictures(failed), "warn");
  }

  private arrived(world: string, from: string | undefined, rulings: readonly Ruling[]): void {
    this.hud.notices.say(WORDS.places.arrived(world), "good");
    const me = this.visitor.me;
    if (me !== undefined) this.view.burst("arrive", me.x, me.y);
    if (from === undefined) {
      this.hud.notices.say(WORDS.help.brief);
      return;
    }
    this.report = { world, rulings, at: new Date() };
    if (rulings.every(({ verdict }) => verdict === "admit")) {
      this.hud.notices.say(WORDS.customs.allAdmitted, "good");
      return;
    }
    setTimeout(() => {
      if (!this.stop.signal.aborted && openDialog() === undefined) this.openReport();
    }, REPORT_DELAY_MS);
  }

  private effect(entity: number, text: string): void {
    const at = this.frame?.entities.find(({ id }) => id === entity);
    if (at === undefined) return;
    if (isBurst(text)) this.view.burst(text, at.x, at.y);
    else this.hud.labels.float(text, at.x, at.y - this.view.heightOf(at), performance.now());
  }

  /** Says over one's head what came into one's hands. */
  private countItems(items: readonly Item[]): void {
    const counts = new Map<string, number>();
    for (const { kind } of items) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const { me } = this.visitor;
    if (this.carried !== undefined && me !== undefined) {
      let line = 0;
      for (const [kind, count] of counts) {
        const more = count - (this.carried.get(kind) ?? 0);
        if (more <= 0) continue;
        const title = kindOf(this.visitor.manifest, kind).title;
        this.hud.labels.float(more > 1 ? `+${more} ${title}` : `+ ${title}`, me.x, me.y - 1.3 - 0.5 * line++, performance.now());
      }
    }
    this.carried = counts;
  }

  private step(timeMs: number): void {
    this.running = requestAnimationFrame((next) => this.step(next));
    const dtMs = Math.min(VIEW.maxFollowMs, timeMs - this.lastMs);
    this.lastMs = timeMs;
    const { visitor, hud } = this;
    const frame = visitor.frame(timeMs);
    this.frame = frame;
    const ready = this.view.shows(visitor.substrate);
    this.steer(timeMs);
    this.view.draw(visitor, frame, this.target, timeMs, dtMs);
    const playing = ready && (visitor.state === "LIVE" || visitor.state === "GHOST");
    hud.loading.setVisible(!playing && visitor.crossing === undefined);
    if (!playing) hud.loading.update(visitor.state, visitor.manifest?.name ?? hostOf(visitor.worldUrl), visitor.progress);
    hud.streaming.update(playing ? visitor.progress : undefined, timeMs);
    this.root.classList.toggle("ghost", frame.ghost);
    hud.status.setGhost(visitor.manifest?.name ?? "", visitor.ghost?.ageMs);
    hud.update(visitor, this.report !== undefined, visitor.manifest === undefined ? "" : `${visitor.manifest.substrate} ${ready}`);
    hud.crossing.update(visitor.crossing, timeMs, playing && visitor.state === "LIVE", (name) => this.titleOf(name));
    this.updateLabels(frame, timeMs);
    this.updateHint(frame);
    hud.debug.update(visitor, timeMs, () => this.look(frame));
  }

  private look({ entities }: ViewFrame): Picture {
    const { calls } = this.view.stage.renderer.info.render;
    const { clientWidth, clientHeight } = this.root;
    const drawn = entities.filter((entity) => {
      const { x, y } = this.view.toPage(entity.x, entity.y);
      return x >= 0 && y >= 0 && x <= clientWidth && y <= clientHeight;
    }).length;
    return { calls, zoom: this.view.stage.look.zoom, drawn };
  }

  /** Portals carry the destination's own name and the words the world has for it. */
  private titleOf(destination: string): string {
    return this.visitor.manifest?.portals.find(({ worldName }) => worldName === destination)?.label ?? destination;
  }

  private steer(timeMs: number): void {
    const busy = openDialog() !== undefined || this.visitor.crossing?.stage === "holding";
    const keys = this.keyboard.direction();
    const stick = this.pointer.direction();
    const hand = keys.x !== 0 || keys.y !== 0 ? keys : stick;
    this.walking.steer(busy ? { x: 0, y: 0 } : hand, timeMs);
  }

  private updateLabels(frame: ViewFrame, timeMs: number): void {
    const toPage = (x: number, y: number): { x: number; y: number } => this.view.toPage(x, y);
    const heightOf = (entity: ViewEntity): number => this.view.heightOf(entity);
    this.hud.labels.update(frame, this.visitor.manifest?.portals ?? [], toPage, heightOf, timeMs);
    const hurt = this.health.update(frame, timeMs);
    this.hud.labels.updateHearts(hurt, frame, toPage, heightOf);
    this.hud.status.setHealth(frame.me === undefined ? undefined : this.health.partOf(frame.me));
  }

  private updateHint(frame: ViewFrame): void {
    const { manifest, state, substrate } = this.visitor;
    const { me } = frame;
    const live = state === "LIVE";
    this.target = undefined;
    this.writing = undefined;
    if (me === undefined || manifest === undefined || (!live && state !== "GHOST")) {
      this.hud.setHint(undefined, false);
      return;
    }
    const { reach } = manifest.physics;
    const target = live ? nearestTarget(frame.entities, me, reach) : undefined;
    // The frame and its entities are reused by the next call: keep a copy.
    this.target = target === undefined ? undefined : { ...target };
    this.writing = target === undefined ? nearestWriting(substrate?.objectsNear(me.x, me.y, reach + 1) ?? [], me, reach) : undefined;
    const portal = live ? portalNear(manifest.portals, me, HINT_PORTAL_UNITS) : undefined;
    if (target !== undefined) this.hud.setHint(WORDS.hint.interact(target.kind.interact ?? "", target.kind.title), true);
    else if (this.writing !== undefined) this.hud.setHint(WORDS.hint.read(kindOf(manifest, this.writing.kind).title), true);
    else this.hud.setHint(portal === undefined ? undefined : WORDS.hint.portal(portal.label), false);
  }

  private act(): void {
    const { target, writing } = this;
    if (writing?.text !== undefined) this.hud.notices.say(WORDS.hint.written(writing.text));
    else if (this.visitor.ghost !== undefined) this.hud.notices.say(WORDS.ghost.cannot, "warn");
    else if (target !== undefined) this.visitor.interact(target.id);
  }

  /** Asks the world, or says that nobody is there to be asked. */
  private ask(asking: () => void): void {
    if (this.visitor.ghost !== undefined) this.hud.notices.say(WORDS.ghost.cannot, "warn");
    else asking();
  }

  private async place(item: Item, info: ItemKindInfo): Promise<void> {
    const { manifest } = this.visitor;
    const writable = manifest?.entityKinds.some(({ kind, interact }) => kind === `build.${item.kind}` && interact !== undefined) === true;
    const text = writable ? await askText(this.root, info.place ?? info.title) : "";
    const { me } = this.visitor;
    if (text === undefined || me === undefined) return;
    const heading = headingOf(me.facing);
    const x = Math.floor(me.x + heading.x) + 0.5;
    const y = Math.floor(me.y + heading.y) + 0.5;
    this.ask(() => this.visitor.place(item.id, x, y, ...(text === "" ? [] : ([text] as const))));
  }

  private tap(x: number, y: number): void {
    if (closeMenu()) return;
    const spot = this.view.toUnits(x, y);
    const entity = entityAt(this.frame?.entities ?? [], spot);
    if (entity?.kind.interact !== undefined) this.goAndAct(entity);
    else this.walking.walkTo(spot, performance.now());
  }

  private goAndAct(entity: ViewEntity): void {
    const { me, manifest } = this.visitor;
    const { id } = entity;
    const reach = manifest?.physics.reach ?? 1;
    if (me !== undefined && distanceTo(me, entity) <= reach) this.ask(() => this.visitor.interact(id));
    else {
      this.walking.walkTo(
        { x: entity.x, y: entity.y },
        performance.now(),
        () => {
          const there = this.frame?.entities.find((other) => other.id === id);
          if (there !== undefined && this.visitor.me !== undefined && distanceTo(this.visitor.me, there) <= reach)
            this.visitor.interact(id);
        },
        reach * 0.9 + Math.min(entity.kind.width, entity.kind.height) / 2,
      );
    }
  }

  private menu(x: number, y: number): void {
    const spot = this.view.toUnits(x, y);
    const entity = entityAt(this.frame?.entities ?? [], spot);
    const kept = entity === undefined ? undefined : { ...entity };
    const deed = kept?.kind.interact;
    showMenu(this.root, x, y, [
      ...(kept === undefined || deed === undefined
        ? []
        : [{ text: WORDS.hint.interact(deed, kept.kind.title), act: () => this.goAndAct(kept) }]),
      { text: WORDS.menu.walk, act: () => this.walking.walkTo(spot, performance.now()) },
      { text: WORDS.menu.cancel, act: () => this.canvas.focus({ preventScroll: true }) },
    ]);
  }

  private hover(x: number, y: number): void {
    const over = entityAt(this.frame?.entities ?? [], this.view.toUnits(x, y));
    this.canvas.style.cursor = over?.kind.interact === undefined ? "" : "pointer";
  }

  private openHelp(): void {
    const { manifest } = this.visitor;
    showHelp(this.root, manifest?.about ?? "", manifest?.customs ?? [], {
      figures: () => this.hud.debug.toggle(),
      leave: () => void this.visitor.leave(),
      share: (rate) => this.visitor.share(sharingAt(rate, this.friends)),
    });
  }

  private openLocker(): void {
    const { manifest, locker } = this.visitor;
    if (manifest !== undefined) showLocker(this.root, manifest.name, locker, manifest, this.view.stage);
  }

  private openReport(): void {
    const { report } = this;
    if (report !== undefined) showReport(this.root, { ...report, holder: this.name }, this.visitor.manifest, this.view.stage);
  }

  private resize(): void {
    this.view.resize(this.root.clientWidth, this.root.clientHeight, devicePixelRatio / Math.ceil(devicePixelRatio / VIEW.maxPixelRatio));
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** How a visit ended, in words for the start page; "" when one left by oneself. */
export function endingWords(fault: Fault | undefined): string {
  return fault === undefined ? "" : `${WORDS.title.ended} ${fault.detail}`;
}
