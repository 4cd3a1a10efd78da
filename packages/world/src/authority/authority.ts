// The order of a tick: hear, decide, simulate, make durable, and only then speak. Between two ticks there may be a short turn for the
// handshake and the border alone, so that entering and crossing do not wait for the beat; it keeps the same order.
import { encodeControl, type Fault, fault, LIMITS, type TravellerId, type WorldMessage, wakeAtBorder } from "@sojourn/protocol";
import type { Clock } from "@sojourn/runtime";
import type { LinkServer } from "@sojourn/runtime/node";
import { noteSome, restSome, walkAll } from "../kernel/avatars.ts";
import { carriedItems, lockerItems } from "../kernel/belongings.ts";
import { runTicks } from "../kernel/thing-ticks.ts";
import { visitThings, visitZones } from "../kernel/zones.ts";
import { BORDER_LIMITS, TICK_LIMITS } from "../limits.ts";
import { Broadcast, heardWords } from "./broadcast.ts";
import type { Arriving, Core } from "./core.ts";
import { grantWishes, hearPosted, toBorder } from "./crossing.ts";
import type { Guest } from "./guest.ts";
import type { Strain } from "./headroom.ts";
import { type Posted, Posts } from "./posts.ts";
import { feed, hear, welcomeLink } from "./sessions.ts";

export class Authority {
  readonly core: Core;
  readonly broadcast: Broadcast;
  readonly #server: LinkServer;
  readonly #clock: Clock;
  readonly #posts: Posts;
  readonly #fatal: (error: Error) => void;
  /** Results of posts and work that came back from outside; taken up in the next turn. */
  #posted: Posted[] = [];
  #chores: (() => void)[] = [];
  #turnAtMs = 0;
  #cancelTurn: (() => void) | undefined;
  #isRunning = true;

  constructor(core: Core, server: LinkServer, clock: Clock, fatal: (error: Error) => void) {
    this.core = core;
    this.broadcast = new Broadcast(core.stage);
    this.#server = server;
    this.#clock = clock;
    this.#fatal = fatal;
    this.#posts = new Posts((posted) => {
      this.#posted.push(posted);
      this.#soon();
    });
    server.onWake = () => this.#soon();
  }

  /** One tick of the world. */
  tick(): void {
    this.#guarded(() => {
      const { core } = this;
      core.stage.begin(this.#clock.monotonic());
      this.#hearAll(true);
      walkAll(core.stage);
      visitZones(core.stage);
      visitThings(core.stage);
      runTicks(core.stage);
      grantWishes(core);
      noteSome(core.stage);
      restSome(core.stage);
      this.#tellThings();
      core.stage.options.ledger.commit();
      this.#speak();
    });
  }

  /** Hears how the last window of time went: the pace is told with the next frames, and newcomers come in or wait. */
  feel(strain: Strain): void {
    const { stage, headroom, log } = this.core;
    stage.pace = strain.pace;
    if (!headroom.hear(strain)) return;
    const fields = { load: Math.round(strain.load * 100) / 100, pace: strain.pace, travellers: stage.avatars.size };
    if (headroom.takesNewcomers) log.info("newcomers are let in again", fields);
    else log.warn("newcomers are asked to wait", fields);
  }

  /** Takes in a token that came by HTTP. */
  arrive(arriving: Arriving): boolean {
    if (!this.#isRunning || this.core.arriving.length >= BORDER_LIMITS.waitingTokens) return false;
    this.core.arriving.push(arriving);
    this.#soon();
    return true;
  }

  /** Runs `chore` at the beginning of the next turn or tick, where the world may be changed. */
  inTurn(chore: () => void): void {
    this.#chores.push(chore);
    this.#soon();
  }

  /** Says something to a traveller, if they are linked. */
  tell(traveller: TravellerId, message: WorldMessage): void {
    const guest = this.core.byTraveller.get(traveller);
    if (guest !== undefined) feed(this.core, guest, { i: "tell", message });
  }

  /** Says something to every live session. */
  tellAll(message: WorldMessage): void {
    const frame = encodeControl(message);
    for (const guest of this.core.guests) if (guest.session.step === "LIVE") guest.outbox.push(frame);
  }

  /** Ends every session with this fault, makes it durable and says it. The world stands still afterwards. */
  close(why: Fault): void {
    this.#guarded(() => {
      const { core } = this;
      core.isOpen = false;
      core.stage.begin(this.#clock.monotonic());
      for (const guest of [...core.guests]) feed(core, guest, { i: "end", fault: why });
      for (const avatar of core.stage.avatars.values()) avatar.restAtMs = core.stage.steadyMs;
      restSome(core.stage);
      core.stage.options.ledger.commit();
      this.#speak();
    });
    this.stop();
  }

  /** Stands still at once, without a word. */
  stop(): void {
    this.#isRunning = false;
    this.#cancelTurn?.();
    this.#posts.close();
  }

  #soon(): void {
    if (!this.#isRunning || this.#cancelTurn !== undefined) return;
    const atMs = Math.max(this.#clock.monotonic(), this.#turnAtMs + TICK_LIMITS.turnMs);
    this.#cancelTurn = this.#clock.schedule(atMs, () => {
      this.#cancelTurn = undefined;
      this.#turn();
    });
  }

  /** Handshakes and border between two ticks. */
  #turn(): void {
    this.#guarded(() => {
      this.#turnAtMs = this.#clock.monotonic();
      this.core.stage.refresh(this.#turnAtMs);
      this.#hearAll(false);
      this.core.stage.options.ledger.commit();
      for (const guest of this.core.guests)
        if (guest.session.step !== "LIVE" && guest.outbox.length > 0) this.broadcast.writeControl(guest);
      this.#server.flush();
      this.#afterwards();
    });
  }

  #guarded(work: () => void): void {
    if (!this.#isRunning) return;
    try {
      work();
    } catch (error) {
      this.stop();
      this.#fatal(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #hearAll(liveToo: boolean): void {
    const { core } = this;
    const chores = this.#chores;
    this.#chores = [];
    for (const chore of chores) chore();
    if (liveToo) this.#server.hear();
    for (const link of this.#server.accept()) this.#open(link);
    for (const guest of core.guests) if (liveToo || guest.session.step !== "LIVE") hear(core, guest, liveToo);
    const arriving = core.arriving;
    core.arriving = [];
    for (const one of arriving) hearPosted(core, one);
    const posted = this.#posted;
    this.#posted = [];
    for (const one of posted) this.#hearAnswer(one);
    if (wakeAtBorder(core.desk) <= core.stage.steadyMs) toBorder(core, { in: "wake" });
  }

  #open(link: Parameters<typeof welcomeLink>[1]): void {
    const guest = welcomeLink(this.core, link);
    link.onWake = () => {
      if (guest.session.step !== "LIVE") this.#soon();
    };
  }

  #hearAnswer({ to, token: posted, replies, fault: why }: Posted): void {
    for (const token of replies) toBorder(this.core, { in: "token", token });
    if (why === undefined) return;
    // A peer that cannot be reached is down for every question; one that answered with a fault spoke of this message alone.
    toBorder(this.core, { in: "unreachable", world: to, ...(why.blame === "link" ? {} : { token: posted, fault: why }) });
  }

  /** Shows travellers their things when they changed. */
  #tellThings(): void {
    const { stage, byTraveller } = this.core;
    for (const traveller of stage.changedThings) {
      const guest = byTraveller.get(traveller);
      if (guest === undefined) continue;
      const items = carriedItems(stage, traveller).slice(0, LIMITS.itemsCarried);
      feed(this.core, guest, { i: "tell", message: { t: "items", items, locker: lockerItems(stage, traveller) } });
    }
    stage.changedThings.clear();
  }

  /** Everything that waited for this tick to be durable. */
  #speak(): void {
    const { core } = this;
    this.broadcast.close();
    const spoken = heardWords(core.stage);
    core.stage.spoken = [];
    for (const guest of [...core.guests]) {
      const why = guest.link.state === "open" ? this.broadcast.write(guest, spoken) : undefined;
      if (why === undefined) continue;
      feed(core, guest, { i: "end", fault: why });
      this.broadcast.writeControl(guest);
    }
    this.#server.flush();
    this.#afterwards();
  }

  #afterwards(): void {
    const { core } = this;
    for (const guest of core.guests) if (guest.closing !== undefined || guest.isOver) this.#forget(guest);
    const { postings, answers } = core;
    core.postings = [];
    for (const posting of postings) this.#posts.send(posting, core.peers.get(posting.to));
    for (const answer of answers.splice(0)) answer();
  }

  #forget(guest: Guest): void {
    guest.link.onWake = undefined;
    guest.link.close(guest.closing?.code, guest.closing?.reason);
    if (!guest.isOver) feed(this.core, guest, { i: "link-closed" });
    guest.isOver = true;
    this.core.guests.delete(guest);
    this.core.bySession.delete(guest.id);
  }
}

export function shuttingDown(): Fault {
  return fault("shutting-down", "world", "This world is closing; it may be back soon.", 3_000);
}
