// What one sees until there is enough of a world to walk in: whose map, how much of what is near, and from where. And the quiet line
// that says how the rest comes meanwhile.
import type { LoadProgress } from "@sojourn/client";
import type { ClientState } from "@sojourn/protocol";
import { HUD } from "../limits.ts";
import { element, say, show } from "../page/element.ts";
import { bytesText, WORDS } from "../page/strings.ts";

export class Loading {
  readonly root: HTMLElement;
  private readonly heading = element("h2");
  private readonly fill = element("i");
  private readonly bar = element(
    "div",
    { class: "bar plain", attributes: { role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100" } },
    this.fill,
  );
  private readonly amount = element("p", { testId: "loading-bytes" });
  private readonly blocks = element("p", { testId: "loading-blocks" });

  constructor() {
    this.root = element(
      "div",
      { class: "loading", testId: "loading", attributes: { role: "status" } },
      this.heading,
      this.bar,
      this.amount,
      this.blocks,
    );
  }

  update(state: ClientState, world: string, progress: LoadProgress | undefined): void {
    const { loading } = WORDS;
    const words =
      state === "LOADING_SUBSTRATE" ? loading.terrain(world) : state === "CONNECTING" ? loading.connecting(world) : loading.syncing;
    say(this.heading, words);
    const part = progress === undefined ? 0 : Math.min(1, progress.near.blocksDone / progress.near.blocksTotal);
    this.fill.style.transform = `scaleX(${part.toFixed(3)})`;
    this.bar.setAttribute("aria-valuenow", String(Math.round(part * 100)));
    if (progress === undefined) return;
    const from = ` · ${loading.from(sourcesText(progress))}`;
    say(this.amount, loading.bytes(bytesText(progress.near.bytesDone), bytesText(progress.bytesTotal)) + from);
    say(this.blocks, loading.blocks(progress.near.blocksDone, progress.near.blocksTotal, progress.blocksCached));
  }

  /** A copy of a world without a server is on its way here, all of it. Bytes. */
  copying(done: number, total: number | undefined): void {
    say(this.heading, WORDS.loading.copying);
    this.fill.style.transform = `scaleX(${total ? done / total : 0})`;
    say(this.amount, WORDS.loading.bytes(bytesText(done), total === undefined ? "…" : bytesText(total)));
  }

  setVisible(visible: boolean): void {
    this.root.classList.toggle("gone", !visible);
    this.root.setAttribute("aria-hidden", String(!visible));
  }
}

/** The rest of a world on its way, in one small line; gone when all is there, or when nothing has come for a while. */
export class Streaming {
  readonly root: HTMLElement = element("div", { class: "streaming", testId: "streaming" });
  private shown: LoadProgress | undefined;
  private changedMs = 0;

  constructor() {
    this.root.hidden = true;
  }

  update(progress: LoadProgress | undefined, timeMs: number): void {
    if (progress !== this.shown) this.changedMs = timeMs;
    this.shown = progress;
    const isComing = progress?.isPlayable === true && !progress.done && timeMs - this.changedMs < HUD.streamingMs;
    show(this.root, isComing);
    if (!isComing) return;
    const percent = Math.floor((100 * progress.blocksDone) / Math.max(1, progress.blocksTotal));
    say(this.root, WORDS.loading.rest(percent, sourcesText(progress)));
  }
}

/** Who gave something, most first; the cache when nobody had to. */
function sourcesText({ sources, source }: LoadProgress): string {
  const given = sources.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes);
  if (given.length === 0) return source;
  const { source: named } = WORDS.loading;
  const names = given
    .slice(0, HUD.sourcesNamed)
    .map(({ name, bytes }) => (given.length > 1 ? `${named(name)} (${bytesText(bytes)})` : named(name)));
  return given.length > names.length ? WORDS.loading.more(names.join(", "), given.length - names.length) : names.join(", ");
}
