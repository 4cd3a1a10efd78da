// What is shown and what is coming: the scene before one's eyes, and the scene that a new link fills until it has something to show.
// Law: the last picture stays until there is a better one; another world's scene is never mixed into it.
import type { EntityId, Manifest, Move, OwnState, Result, WorldEvent } from "@sojourn/protocol";
import { type SubstrateView, solidsOf } from "@sojourn/substrate";
import type { ViewFrame } from "../visitor.ts";
import { blankFrame, Scene } from "./scene.ts";

const EMPTY_FRAME: ViewFrame = blankFrame();

export class Stage {
  /** The base address of the world shown. */
  worldUrl: string;
  manifest: Manifest | undefined;
  substrate: SubstrateView | undefined;
  private scene: Scene | undefined;
  /** Filled by the present link; becomes the scene with its first snapshot. */
  private coming: Scene | undefined;
  /** Whether the present link has come so far that its frames are about what is set up here. */
  private isHearing = false;
  private lastOwn: OwnState | undefined;
  private wantX = 0;
  private wantY = 0;

  constructor(worldUrl: string) {
    this.worldUrl = worldUrl;
  }

  get me(): Scene["predictor"] | undefined {
    return this.scene?.predictor.isPlaced === true ? this.scene.predictor : undefined;
  }
  get shown(): Scene | undefined {
    return this.scene;
  }

  /** A new link: its frames are about nothing yet. */
  unhear(): void {
    this.isHearing = false;
  }

  /** A world has said what it is. Another world than the one shown takes its place at once: what was shown lies behind. */
  arriveAt(worldUrl: string, manifest: Manifest): void {
    if (this.manifest?.world !== manifest.world) {
      this.scene = undefined;
      this.substrate = undefined;
      // Whoever held a key into a portal does not walk straight back out of the next one.
      this.walk(0, 0);
    }
    this.worldUrl = worldUrl;
    this.manifest = manifest;
    this.coming = undefined;
    this.lastOwn = undefined;
    this.isHearing = false;
  }

  /** The static world is here: from now on a link's frames have somewhere to go. */
  setUp(view: SubstrateView): void {
    if (this.manifest === undefined) throw new Error("a substrate is loaded for a manifest");
    this.substrate = view;
    this.isHearing = true;
    this.coming = new Scene(this.manifest);
    this.coming.standOn(solidsOf(view));
    this.coming.walk(this.wantX, this.wantY);
  }

  /** A newer version of the world shown. */
  swap(view: SubstrateView): void {
    if (this.manifest === undefined) return;
    this.substrate = view;
    this.manifest = { ...this.manifest, substrate: view.version.root };
    const solids = solidsOf(view);
    this.scene?.standOn(solids);
    this.coming?.standOn(solids);
  }

  /** Shows a world that nobody answers for, from what was kept of it. */
  haunt(worldUrl: string, manifest: Manifest, view: SubstrateView, at: { readonly x: number; readonly y: number }): void {
    this.worldUrl = worldUrl;
    this.manifest = manifest;
    this.substrate = view;
    this.scene = new Scene(manifest);
    this.scene.standOn(solidsOf(view));
    this.scene.placeGhost(at.x, at.y);
  }

  welcome(me: EntityId): void {
    const scene = this.coming ?? this.scene;
    if (scene !== undefined && this.isHearing) scene.me = me;
  }

  snapshot(frame: Uint8Array, nowMs: number): Result<{ readonly tick: number; readonly events: readonly WorldEvent[] }> | undefined {
    const scene = this.isHearing ? (this.coming ?? this.scene) : undefined;
    const applied = scene?.snapshot(frame, nowMs);
    if (applied?.ok === true && this.coming !== undefined) {
      this.scene = this.coming;
      this.coming = undefined;
    }
    return applied;
  }

  own(own: OwnState, nowMs: number): void {
    if (!this.isHearing) return;
    this.lastOwn = own;
    (this.coming ?? this.scene)?.own(own, nowMs);
  }

  /** Live again on the same link: what one walked as a ghost never happened. */
  comeBack(): void {
    if (this.lastOwn !== undefined) this.scene?.retract(this.lastOwn);
  }

  walk(dx: number, dy: number): void {
    this.wantX = dx;
    this.wantY = dy;
    this.scene?.walk(dx, dy);
    this.coming?.walk(dx, dy);
  }

  advance(nowMs: number, say?: (move: Move) => void): void {
    this.scene?.advance(nowMs, say);
  }

  frame(nowMs: number, isGhost: boolean): ViewFrame {
    return this.scene?.frame(nowMs, isGhost) ?? EMPTY_FRAME;
  }
}
