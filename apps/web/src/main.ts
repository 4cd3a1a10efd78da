// Where the page begins: choose a world, visit it, come back when the visit ends.
import { browserTraveller, enter, keepFromReplica, LinkConditioner, linkConditions, type Visitor } from "@sojourn/client";
import { FaultError, valueOf } from "@sojourn/protocol";
import { Loading } from "./hud/loading.ts";
import { keptRate, sharingAt } from "./hud/sharing.ts";
import { element } from "./page/element.ts";
import type { PageHandle } from "./page/handle.ts";
import { WORDS } from "./page/strings.ts";
import { endingWords, Screen } from "./play/screen.ts";
import { type Choice, chooseWorld, type Offer } from "./title/title.ts";

/** `?link=200ms-jitter`, or figures: how poor the link is made from the beginning. What is neither makes it no poorer. */
const conditions = linkConditions(new URL(location.href).searchParams.get("link") ?? "good");
const conditioner = new LinkConditioner({ ...(conditions === undefined ? {} : { conditions }), seed: Date.now() });

let visitor: Visitor | undefined;
let screen: Screen | undefined;

const handle: PageHandle = {
  get visitor() {
    return visitor;
  },
  get state() {
    return visitor?.state ?? "TITLE";
  },
  get picture() {
    return screen?.picture;
  },
};
Object.defineProperty(window, "sojourn", { value: Object.freeze(handle) });

/** The worlds this server offers; none when it has no list. */
async function offers(): Promise<Offer[]> {
  try {
    const response = await fetch("worlds.json");
    const list: unknown = response.ok ? await response.json() : [];
    return Array.isArray(list) ? list.filter(isOffer) : [];
  } catch {
    return [];
  }
}

function isOffer(value: unknown): value is Offer {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    "url" in value &&
    typeof value.name === "string" &&
    typeof value.url === "string"
  );
}

/** `?visit=<world id>[&from=<address>]`: a world as its last head left it, from a folder, a bucket or a neighbour; no server of its own needed. */
const asked = new URL(location.href).searchParams;
const deadWorld = asked.get("visit");

/** Travellers to such worlds are kept apart: what a link says of an address is not what is known of it elsewhere. */
async function visitReplica(
  root: HTMLElement,
  world: string,
  friends: readonly string[],
): Promise<{ readonly url: string } & ReturnType<typeof browserTraveller>> {
  const kept = browserTraveller("visits");
  const from = new URL(asked.get("from") ?? ".", location.href);
  const loading = new Loading();
  root.append(loading.root);
  loading.copying(0, undefined);
  const found = await keepFromReplica({
    ...{ world, from: from.href.replace(/[?#].*$/, ""), nowMs: Date.now(), ...kept },
    ...{ friends, swarm: sharingAt(keptRate(), friends) },
    onProgress: ({ bytesDone, bytesTotal }) => loading.copying(bytesDone, bytesTotal),
  }).finally(() => loading.root.remove());
  return { url: valueOf(found).url, ...kept };
}

async function visit(root: HTMLElement, choice: Choice, friends: readonly string[]): Promise<string> {
  try {
    const { url, ...traveller } =
      deadWorld === null ? { url: choice.url, ...browserTraveller() } : await visitReplica(root, deadWorld, friends);
    visitor = enter(url, { name: choice.name, conditioner, swarm: sharingAt(keptRate(), friends), ...traveller });
  } catch (error) {
    if (error instanceof FaultError) return error.fault.detail;
    throw error;
  }
  screen = new Screen(root, visitor, choice.name, conditioner, friends);
  const fault = await visitor.closed;
  screen.dispose();
  screen = undefined;
  visitor = undefined;
  return endingWords(fault);
}

async function start(root: HTMLElement): Promise<void> {
  if (document.createElement("canvas").getContext("webgl2") === null) {
    root.append(element("p", { class: "panel", text: WORDS.noGraphics, testId: "no-graphics" }));
    return;
  }
  const list = await offers();
  // The world this page came from may know others' whereabouts when the one that is visited is gone; so may those it offers.
  const friends = [location.origin, ...list.map(({ url }) => url)];
  let trouble = "";
  for (;;) {
    const choice = await chooseWorld(root, list, asked.get("world") ?? (deadWorld === null ? undefined : location.origin), trouble);
    trouble = await visit(root, choice, friends);
  }
}

const app = document.getElementById("app");
if (app !== null) void start(app);
