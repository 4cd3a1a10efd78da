// Somebody at the page: a real Chromium with a real keyboard. What the page shows is read from its elements; what it knows of the
// visit, from its handle for tests.
import type { Visitor } from "@sojourn/client";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { type Picture, readPng } from "../web/png.ts";
import { until } from "./until.ts";
import { Wire } from "./wire.ts";

/** Between two looks at one who seems to stand: a page drawn in software may need this long for a frame. */
const STILL_MS = 120;
const VIEWPORT = { width: 760, height: 480 } as const;

interface Handle {
  readonly sojourn?: { readonly visitor: Visitor | undefined; readonly state: string };
}

/** What the visit looks like from within the page, copied out of it. */
export interface Look {
  readonly state: string;
  readonly traveller: string | undefined;
  readonly world: string | undefined;
  readonly root: string | undefined;
  readonly me: { readonly entity: number; readonly x: number; readonly y: number; readonly frozen: boolean } | undefined;
  readonly items: readonly { readonly id: string; readonly kind: string; readonly props: { readonly [name: string]: unknown } }[];
  readonly locker: readonly string[];
  readonly crossing: { readonly stage: string; readonly code: string | undefined } | undefined;
  readonly ghost: { readonly ageMs: number; readonly code: string } | undefined;
  readonly progress: { readonly blocksTotal: number; readonly blocksCached: number; readonly done: boolean } | undefined;
  readonly reconnects: number;
  readonly entities: readonly {
    readonly id: number;
    readonly kind: string;
    readonly name: string;
    readonly x: number;
    readonly y: number;
  }[];
  readonly rulings: readonly { readonly kind: string; readonly verdict: string; readonly reason: string }[];
  readonly portals: readonly { readonly x: number; readonly y: number; readonly w: number; readonly h: number }[];
}

export class PagePlayer {
  readonly page: Page;
  readonly wire: Wire;
  private readonly context: BrowserContext;
  /** What the page threw or logged as an error. */
  readonly errors: string[] = [];

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    this.wire = new Wire(page);
    page.on("pageerror", (error) => this.errors.push(String(error)));
  }

  /** A new browser profile with nothing kept. */
  static async open(browser: Browser): Promise<PagePlayer> {
    const context = await browser.newContext({ viewport: VIEWPORT });
    return new PagePlayer(context, await context.newPage());
  }

  /** Opens the address, types a name and enters. Live when it resolves. */
  async enter(url: string, name: string): Promise<Look> {
    await this.page.goto(url);
    await this.at("name").fill(name);
    await this.at("enter").click();
    return await this.live();
  }

  /** Live with a body and a drawn world. */
  async live(world?: string, withinMs = 45_000): Promise<Look> {
    return await this.until(
      `live${world === undefined ? "" : ` in ${world}`}`,
      (look) => look.state === "LIVE" && look.me !== undefined && (world === undefined || look.world === world),
      withinMs,
    );
  }

  at(testId: string): Locator {
    return this.page.getByTestId(testId);
  }

  /** Waits until the page shows these words at this element. */
  async reads(testId: string, words: string | RegExp, withinMs = 20_000): Promise<string> {
    const matches = (text: string): boolean => (typeof words === "string" ? text.includes(words) : words.test(text));
    let last = "";
    return await until(
      `${testId} reads ${words}`,
      async () => {
        last = (await this.at(testId).allTextContents()).join("\n");
        return matches(last) && last;
      },
      withinMs,
    ).catch((error: Error) => {
      throw new Error(`${error.message}; it reads ${JSON.stringify(last)}`);
    });
  }

  async look(): Promise<Look> {
    return await this.page.evaluate(() => {
      const visitor = (globalThis as unknown as Handle).sojourn?.visitor;
      const { crossing, ghost, progress, me } = visitor ?? {};
      return {
        state: visitor?.state ?? "TITLE",
        traveller: visitor?.traveller,
        world: visitor?.manifest?.name,
        root: visitor?.substrate?.version.root,
        me: me === undefined ? undefined : { entity: me.entity, x: me.x, y: me.y, frozen: me.frozen },
        items: (visitor?.items ?? []).map(({ id, kind, props }) => ({ id, kind, props })),
        locker: (visitor?.locker ?? []).map(({ kind }) => kind),
        crossing: crossing === undefined ? undefined : { stage: crossing.stage, code: crossing.fault?.code },
        ghost: ghost === undefined ? undefined : { ageMs: ghost.ageMs, code: ghost.reason.code },
        progress:
          progress === undefined
            ? undefined
            : { blocksTotal: progress.blocksTotal, blocksCached: progress.blocksCached, done: progress.done },
        reconnects: visitor?.stats.reconnects ?? 0,
        entities: (visitor?.frame().entities ?? []).map(({ id, kind, name, x, y }) => ({ id, kind: kind.kind, name, x, y })),
        rulings: (visitor?.rulings ?? []).map(({ kind, verdict, reason }) => ({ kind, verdict, reason })),
        portals: (visitor?.manifest?.portals ?? []).map(({ x, y, w, h }) => ({ x, y, w, h })),
      };
    });
  }

  async until(what: string, is: (look: Look) => boolean, withinMs = 30_000): Promise<Look> {
    let last: Look | undefined;
    return await until(
      what,
      async () => {
        last = await this.look();
        return is(last) && last;
      },
      withinMs,
    ).catch((error: Error) => {
      throw new Error(
        `${error.message}; the page: ${JSON.stringify({ ...last, items: last?.items.map(({ kind }) => kind), entities: last?.entities.length, rulings: [] })}`,
      );
    });
  }

  /** Holds a key down until the page looks as wanted, then lets go. */
  async hold(key: string, what: string, is: (look: Look) => boolean, withinMs = 30_000): Promise<Look> {
    await this.page.keyboard.down(key);
    try {
      return await this.until(what, is, withinMs);
    } finally {
      await this.page.keyboard.up(key);
    }
  }

  /** Holds a key down until the border says something new: the portal has taken one. Gives what was said before that. */
  async walkIn(key: string): Promise<number> {
    const before = this.wire.borderWords.length;
    await this.hold(key, "something is said at the border", () => this.wire.borderWords.length > before);
    return before;
  }

  /** Waits until one stands still, the world has answered every move, and what the page predicts is what the world said. */
  async atRest(): Promise<{ readonly x: number; readonly y: number }> {
    let before: Look["me"];
    return await until("prediction and world agree", async () => {
      const link = this.wire.last();
      const sent = link.asked("move").at(-1)?.seq ?? 0;
      const { me } = await this.look();
      const isStill = me !== undefined && me.x === before?.x && me.y === before.y;
      before = me;
      await this.page.waitForTimeout(STILL_MS);
      const { lastOwn } = link;
      const isAnswered = lastOwn !== undefined && lastOwn.ackSeq >= sent && (link.asked("move").at(-1)?.seq ?? 0) === sent;
      return isStill && isAnswered && me.x === lastOwn.x && me.y === lastOwn.y && { x: me.x, y: me.y };
    });
  }

  async say(text: string): Promise<void> {
    await this.page.keyboard.press("Enter");
    await this.at("chat-input").fill(text);
    await this.page.keyboard.press("Enter");
  }

  /** Opens the card of what one carries and presses a button on it. */
  async deed(kind: string, what: "use" | "place" | "drop"): Promise<void> {
    await this.at(`slot-${kind}`).click();
    await this.at("item-card").getByTestId(what).click();
  }

  /** Says something straight to the visitor, past all that the page itself keeps back. Gives the faults it was told at once. */
  async faultsOfSaying(text: string): Promise<string[]> {
    return await this.page.evaluate((words) => {
      const visitor = (globalThis as unknown as Handle).sojourn?.visitor as Visitor;
      const codes: string[] = [];
      const stop = visitor.on("reject", ({ fault }) => codes.push(fault.code));
      visitor.chat(words);
      stop();
      return codes;
    }, text);
  }

  /** The page as it is seen now. */
  async picture(): Promise<Picture> {
    return readPng(await this.page.screenshot());
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}
