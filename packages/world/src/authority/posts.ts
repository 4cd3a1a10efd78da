// Sends a world's signed messages to the peers they are for. Only pinned peers, no redirects, a deadline, a bounded answer; what fails
// is told to the border's machines, whose own timers ask again.
import { check, type Fault, fault, faultSchema, LIMITS, type Peer, type WorldId } from "@sojourn/protocol";
import { ask } from "@sojourn/runtime";
import { BORDER_LIMITS } from "../limits.ts";
import type { Posting } from "./core.ts";

/** How a post ended. */
export interface Posted {
  readonly to: WorldId;
  /** What was posted. */
  readonly token: string;
  /** Tokens that came back as answers. */
  readonly replies: readonly string[];
  readonly fault?: Fault;
}

export class Posts {
  readonly #underway = new Map<WorldId, number>();
  readonly #stop = new AbortController();
  readonly #done: (posted: Posted) => void;

  /** `done` is called outside of any tick: it must only queue. */
  constructor(done: (posted: Posted) => void) {
    this.#done = done;
  }

  /** Sends; a token for which there is no room now is left to the machines' timers. */
  send(posting: Posting, peer: Peer | undefined): void {
    const underway = this.#underway.get(posting.to) ?? 0;
    if (peer === undefined || underway >= BORDER_LIMITS.postsPerPeer) return;
    this.#underway.set(posting.to, underway + 1);
    void this.#post(posting, peer).then((posted) => {
      this.#underway.set(posting.to, (this.#underway.get(posting.to) ?? 1) - 1);
      if (!this.#stop.signal.aborted) this.#done(posted);
    });
  }

  close(): void {
    this.#stop.abort();
  }

  async #post({ to, token }: Posting, peer: Peer): Promise<Posted> {
    const maxBytes = LIMITS.tokenBytes * 2;
    const url = `${peer.url.replace(/\/+$/, "")}/border`;
    const answer = await ask(url, { method: "POST", body: token, timeoutMs: BORDER_LIMITS.answerMs, maxBytes, signal: this.#stop.signal });
    if (!answer.ok) return { to, token, replies: [], fault: answer.fault };
    const { status, text } = answer.value;
    if (status === 200) return { to, token, replies: text === "" ? [] : text.split("\n").slice(0, 4) };
    return { to, token, replies: [], fault: faultFrom(text, status) };
  }
}

function faultFrom(text: string, status: number): Fault {
  try {
    const said = check(faultSchema, JSON.parse(text), "fault");
    if (said.ok) return said.value;
  } catch {
    // Not a fault of this protocol: something else answers at that address.
  }
  return fault("destination-down", "peer", `the other world's address answered ${status}`, 5_000);
}
