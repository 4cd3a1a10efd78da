// What one sees while a world comes: whose map, how many bytes and blocks, and from where.
import type { LoadProgress } from "@sojourn/client";
import type { ClientState } from "@sojourn/protocol";
import { element, say } from "../page/element.ts";
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
    const part = progress === undefined || progress.bytesTotal === 0 ? 0 : Math.min(1, progress.bytesDone / progress.bytesTotal);
    this.fill.style.transform = `scaleX(${part.toFixed(3)})`;
    this.bar.setAttribute("aria-valuenow", String(Math.round(part * 100)));
    if (progress === undefined) return;
    const from = progress.source === "" ? "" : ` · ${loading.from(progress.source)}`;
    say(this.amount, loading.bytes(bytesText(progress.bytesDone), bytesText(progress.bytesTotal)) + from);
    say(this.blocks, loading.blocks(progress.blocksDone, progress.blocksTotal, progress.blocksCached));
  }

  setVisible(visible: boolean): void {
    this.root.classList.toggle("gone", !visible);
    this.root.setAttribute("aria-hidden", String(!visible));
  }
}
