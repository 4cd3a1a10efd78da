// What changes around the worlds, each thing for a while: cuts, policies, bans, closing hours, full disks, unpinned peers, clocks,
// and processes that are taken over. All of it ends when the federation turns quiet.
import type { ImportPolicy } from "@sojourn/passport";
import type { Clamp, Peer, Quota, TravellerId, WorldId } from "@sojourn/protocol";
import type { FaultKind, FaultMenu } from "./fault-kinds.ts";
import type { Random } from "./random.ts";
import type { Schedule } from "./schedule.ts";
import type { SimWorld } from "./sim-world.ts";

export const KINDS = ["torch", "bag", "sword", "coin", "gem"] as const;
/** Every world's quotas on every other's things: tight enough to be met all the time. */
export const QUOTAS: readonly Quota[] = [
  { kind: "gem", perHour: 40 },
  { kind: "sword", inAll: 4 },
  { kind: "coin", sum: { prop: "worth", max: 150 } },
];
const HOUR_MS = 3_600_000;

/** What a world's operator has set, and what the operator may unset. */
interface Office {
  policy: ImportPolicy;
  isShut: boolean;
  isCrowded: boolean;
  readonly peers: Map<WorldId, Peer>;
  readonly allPeers: ReadonlyMap<WorldId, Peer>;
}

export class Weather {
  readonly #random: Random;
  readonly #schedule: Schedule;
  readonly #faults: FaultMenu;
  readonly #offices = new Map<WorldId, Office>();
  readonly #banned = new Set<string>();
  readonly #cut = new Set<string>();
  #worlds: readonly SimWorld[] = [];
  #travellers: readonly TravellerId[] = [];
  isQuiet = false;

  constructor(random: Random, schedule: Schedule, faults: FaultMenu) {
    this.#random = random;
    this.#schedule = schedule;
    this.#faults = faults;
  }

  office(world: WorldId, peers: ReadonlyMap<WorldId, Peer>): Office {
    const office: Office = { policy: this.#anyPolicy(), isShut: false, isCrowded: false, peers: new Map(peers), allPeers: peers };
    this.#offices.set(world, office);
    return office;
  }

  isBanned(world: WorldId, traveller: TravellerId): boolean {
    return this.#banned.has(`${world} ${traveller}`);
  }

  isCrowded(world: SimWorld): boolean {
    return this.#officeOf(world).isCrowded;
  }

  isCut(from: SimWorld, to: SimWorld): boolean {
    return this.#cut.has(`${from.name} ${to.name}`);
  }

  begin(worlds: readonly SimWorld[], travellers: readonly TravellerId[]): void {
    this.#worlds = worlds;
    this.#travellers = travellers;
    this.#schedule.after(1_000, () => this.#change());
  }

  calm(): void {
    this.isQuiet = true;
    this.#cut.clear();
    this.#banned.clear();
    const hourMs = Math.max(...this.#worlds.map((world) => world.hourMs));
    for (const world of this.#worlds) {
      world.clockOffsetMs = 0;
      world.hourMs = hourMs;
      world.isFull = false;
      const office = this.#officeOf(world);
      office.isShut = false;
      office.isCrowded = false;
      for (const [id, peer] of office.allPeers) office.peers.set(id, peer);
    }
  }

  ban(world: WorldId, traveller: TravellerId, forMs: number): void {
    this.#hold(this.#banned, `${world} ${traveller}`, forMs);
  }

  #anyPolicy(): ImportPolicy {
    const random = this.#random;
    const clamp: Clamp[] = random.chance(0.3) ? [{ kind: "*", prop: "worth", max: 20 }] : [];
    const deny = random.chance(0.4) ? [random.pick(KINDS)] : [];
    const limit: { [kind: string]: number } = random.chance(0.3) ? { "*": 3 } : {};
    return { origins: { "*": { allow: ["*"], deny, clamp, limit } } };
  }

  #officeOf(world: SimWorld): Office {
    return this.#offices.get(world.id) as Office;
  }

  #hold(set: Set<string>, key: string, forMs: number): void {
    set.add(key);
    this.#schedule.after(forMs, () => set.delete(key));
  }

  #comes(kind: FaultKind, probability: number): boolean {
    return this.#random.chance(probability) && this.#faults.strikes(kind);
  }

  #change(): void {
    if (this.isQuiet) return;
    const random = this.#random;
    const [a, b] = [random.pick(this.#worlds), random.pick(this.#worlds)];
    const forMs = random.between(200, 5_000);
    if (this.#comes("cuts", 0.1)) this.#hold(this.#cut, `${a.name} ${b.name}`, forMs);
    if (this.#comes("policies", 0.1)) this.#officeOf(a).policy = this.#anyPolicy();
    if (this.#comes("bans", 0.06)) this.ban(a.id, random.pick(this.#travellers), forMs);
    if (this.#comes("bans", 0.1)) this.#banMidway(a);
    if (this.#comes("closing", 0.03)) this.#close(a, forMs);
    if (this.#comes("full", 0.03)) this.#fill(a, forMs);
    if (this.#comes("pins", 0.03)) this.#unpin(a, b, forMs);
    if (this.#comes("clocks", 0.008)) this.#stepClock(a, forMs);
    if (this.#comes("hours", 0.002)) this.#stepHour(a);
    if (this.#comes("zombies", 0.005)) a.takeOver();
    if (this.#comes("upgrades", 0.03)) this.#upgrade(a);
    if (this.#comes("rotations", 0.01)) a.changeKey("retired");
    if (this.#comes("thefts", 0.01)) a.changeKey("revoked");
    this.#schedule.after(random.between(100, 1_500), () => this.#change());
  }

  #close(world: SimWorld, forMs: number): void {
    const office = this.#officeOf(world);
    const which = this.#random.chance(0.5) ? "isShut" : "isCrowded";
    office[which] = true;
    this.#schedule.after(forMs, () => {
      office[which] = false;
    });
  }

  /** What the world is made of changes, and with it what may come in. */
  #upgrade(world: SimWorld): void {
    if (!world.isUp) return;
    const root = `bafkrei${this.#random.pick(["a", "b", "c"]).repeat(52)}`;
    world.append([{ r: "version", t: Math.max(world.now().wallMs, world.custody.clockHighWaterMs), root, builds: [] }]);
    this.#officeOf(world).policy = this.#anyPolicy();
  }

  /** A world closes for a moment. */
  shut(world: SimWorld): void {
    this.#close(world, this.#random.between(50, 500));
  }

  #fill(world: SimWorld, forMs: number): void {
    world.isFull = true;
    this.#schedule.after(forMs, () => {
      world.isFull = false;
    });
  }

  /** An operator takes a peer off the list, or closes it; and thinks better of it. */
  #unpin(world: SimWorld, peer: SimWorld, forMs: number): void {
    const { peers, allPeers } = this.#officeOf(world);
    const known = allPeers.get(peer.id) as Peer;
    if (this.#random.chance(0.5)) peers.delete(peer.id);
    else peers.set(peer.id, { ...known, isClosed: true });
    this.#schedule.after(forMs, () => peers.set(peer.id, known));
  }

  /** Somebody is banned while they are on their way, and pardoned later. */
  #banMidway(world: SimWorld): void {
    const coming: TravellerId[] = [];
    for (const { custody } of this.#worlds)
      for (const departure of custody.out.values()) if (departure.to === world.id) coming.push(departure.traveller);
    if (coming.length > 0) this.ban(world.id, this.#random.pick(coming), 5_000);
  }

  /** A wall clock steps, by a little or by more than is tolerated, and back. */
  #stepClock(world: SimWorld, forMs: number): void {
    world.clockOffsetMs = this.#random.pick([2_000, -2_000, 40_000, -40_000, 70_000]);
    const isMidway = world.clockOffsetMs === 70_000 || this.#random.chance(0.5);
    this.#schedule.after(isMidway ? 500 : forMs, () => {
      world.clockOffsetMs = 0;
    });
  }

  /** By an hour: back for a while, or ahead until all the others have followed. */
  #stepHour(world: SimWorld): void {
    if (this.#random.chance(0.5)) {
      world.clockOffsetMs = -HOUR_MS;
      this.#schedule.after(3_000, () => {
        world.clockOffsetMs = 0;
      });
      return;
    }
    world.hourMs += HOUR_MS;
    this.#schedule.after(this.#random.between(1_000, 8_000), () => {
      const hourMs = Math.max(...this.#worlds.map((other) => other.hourMs));
      for (const other of this.#worlds) other.hourMs = hourMs;
    });
  }
}
