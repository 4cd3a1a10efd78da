// Every word the page says by itself. Another language is another object of this shape. What worlds say arrives in their own words.
import type { CrossingStage, LinkPreset } from "@sojourn/client";
import type { ClientState, FaultCode } from "@sojourn/protocol";

export const STATE_WORDS: Readonly<Record<ClientState, string>> = {
  CONNECTING: "Connecting",
  LOADING_SUBSTRATE: "Loading",
  SYNCING: "Arriving",
  LIVE: "Live",
  GHOST: "Ghost",
  CLOSED: "Closed",
};

export const CROSSING_WORDS: Readonly<Record<CrossingStage, (to: string) => string>> = {
  asking: (to) => `Asking at ${to}…`,
  holding: (to) => `Passport stamped. On the way to ${to}…`,
  presenting: (to) => `At the door of ${to}…`,
  "in-transit": (to) => `${to} does not answer yet. Still trying…`,
  arrived: (to) => `Welcome to ${to}`,
  refused: (to) => `${to} does not let you in.`,
  returned: (to) => `Back home: ${to} decided against it.`,
};

/** What to do next, by the fault that stopped one. */
export const NEXT_WORDS: { readonly [code in FaultCode]?: string } = {
  "destination-down": "Nothing was lost. Try the portal again in a moment.",
  busy: "It is full just now. Try again in a moment.",
  refused: "Everything you carry is still with you.",
  "unknown-origin": "The operators of the two worlds have not named each other yet.",
  "clock-skew": "The clocks of the two worlds differ too much; their operators can set them.",
  "too-slow": "Nothing was lost. Try the portal again.",
  expired: "The passport ran out on the way. Everything you carry is still with you.",
  "passport-required": "This world is entered through a portal of another world.",
  away: "Enter the world where you are now.",
  replaced: "You came in from another window. Close one of the two.",
  banned: "Its operator can lift this. Here you may go on as before.",
  "shutting-down": "It is closing and may be back soon. Try the portal again then.",
  "no-room": "Take something out of your locker here first, then try again.",
  oversized: "Leave something here, then try again.",
  "already-crossing": "One crossing at a time: wait until the other is over.",
  "in-transit": "Your last crossing is not settled yet. Try again in a moment.",
  cancelled: "You are here with everything you took along.",
  "stale-hop": "This crossing is older than one that has happened. Everything you have is still with you.",
};

/** When a crossing ended and nothing else is known: where one is, and with what. */
export const NEXT_OTHERWISE = "You are here with everything you carry. Try the portal again, or another one.";

export const LINK_WORDS: Readonly<Record<LinkPreset, string>> = {
  good: "Good",
  "100ms": "100 ms",
  "200ms-jitter": "200 ms + jitter",
  "1s-stalls": "1 s stalls",
};

export const WORDS = {
  productName: "Sojourn",
  tagline: "One traveller, many worlds",
  noGraphics:
    "This browser offers no WebGL 2, which the picture of a world needs. Another browser, or hardware acceleration switched on, helps.",

  title: {
    name: "Your name",
    namePlaceholder: "Wanderer",
    nameHint: "Others read it over your head.",
    worlds: "Where to?",
    otherWorld: "Another world",
    address: "Address of the world",
    enter: "Enter",
    noWorlds: "No world is offered here. Type the address of one.",
    needName: "Say who you are first.",
    needAddress: "Type the address of a world, such as http://localhost:7001.",
    badAddress: "That is no address of a world. It begins with http://, https://, ws:// or wss://.",
    ended: "The visit ended:",
  },

  loading: {
    connecting: (world: string): string => `Knocking at ${world}…`,
    terrain: (world: string): string => `Unrolling the map of ${world}`,
    copying: "Bringing a copy of it here…",
    syncing: "Taking a first look around…",
    bytes: (done: string, total: string): string => `${done} of ${total}`,
    blocks: (done: number, total: number, cached: number): string => `${done} of ${total} blocks · ${cached} already here`,
    from: (source: string): string => `from ${source}`,
    source: (name: string): string => (URL.canParse(name) ? new URL(name).host : name),
    more: (names: string, count: number): string => `${names} and ${count} more`,
    rest: (percent: number, sources: string): string => `Map ${percent} % · ${sources}`,
  },

  sharing: {
    heading: "Sharing",
    about:
      "Travellers in one world pass its map and pictures on to each other, so that its host has less to send and the world can still be seen when its host is gone. Those you are connected to see your network address, as the host does. Nothing of what you carry or say goes this way.",
    off: "Share nothing",
    rate: (bytes: string): string => `Up to ${bytes}/s`,
    isOff: "You are connected to no other traveller; everything comes from the world's host.",
    isOn: "You give what you have loaded of this world, and take from others first.",
    figures: (members: number, taken: string, given: string): string => `${members} others · ${taken} taken · ${given} given`,
    left: (count: number): string => (count === 0 ? "" : ` · ${count} left for wrong bytes or bad manners`),
    none: "off",
  },

  heirs: {
    label: (world: string, heir: string, statement: number): string =>
      `Resumed by …${heir.slice(-6)} under statement ${statement} of ${world}`,
    title: (world: string, heir: string, statement: number, since: string): string =>
      `${world} fell silent. ${heir} goes on with it since ${since}, by statement ${statement} of that world's own key. What you left there stays there.`,
    followed: (world: string): string =>
      `${world} fell silent, and somebody it named goes on with it. What you had there waits for the world itself.`,
    copy: (at: string, why: string): string => `A copy at ${at} is not the world: ${why}.`,
    copyLabel: "A copy, not the world",
  },

  ghost: {
    title: (world: string): string => `${world} is not answering.`,
    text: (age: string): string => `You are looking at what was saved ${age} ago. You can walk and look; nothing you do reaches anyone.`,
    back: (world: string): string => `${world} answers again.`,
    cannot: "There is nobody here to do that for you. You are a ghost until the world answers.",
  },

  transit: {
    with: (things: string): string => `In transit with you: ${things}`,
    nothing: "You travel with empty hands.",
    kept: (things: string): string => `Stays in your locker: ${things}`,
    thing: (title: string, count: number): string => (count > 1 ? `${title} ×${count}` : title),
  },

  stay: "I would rather stay",
  staying: "Asking to be given back…",

  customs: {
    heading: "Customs report",
    arrivedIn: (world: string): string => `Entry into ${world}`,
    holder: "Holder",
    item: "Item",
    ruling: "Ruling",
    reason: "Reason",
    none: "You carried nothing that had to be looked at.",
    allAdmitted: "Customs let in everything you carry. C shows the report.",
    verdict: { admit: "Admitted", clamp: "Admitted, bounded", refuse: "Kept back", seal: "Sealed" } as const,
    refusedNote: "What was kept back waits in your locker in the world you came from. Nothing is ever destroyed.",
    body: "Yourself",
    stamp: "ADMITTED",
    stampMixed: "ADMITTED IN PART",
    close: "Walk on",
    open: "Customs report",
  },

  locker: {
    heading: (world: string): string => `Your locker in ${world}`,
    empty: "Your locker is empty.",
    text: "What customs of other worlds did not let through waits here for you.",
    open: "Locker",
  },

  inventory: {
    heading: "What you carry",
    empty: "Empty hands",
    use: "Use",
    drop: "Drop",
    place: "Place",
    contents: (count: number): string => `holds ${count}`,
    slot: (title: string, count: number, key: number): string => `${title}${count > 1 ? `, ${count} pieces` : ""}, key ${key}`,
    more: (count: number): string => `+${count}`,
    sealed: {
      "double-spend": "Sealed for good: somebody gave it away twice, and this is the later copy.",
      unregistered: "Sealed until its maker's register says that it is here. Till then it can only be carried.",
    } as const,
    placeText: "What shall stand on it?",
    placeTextHint: "Up to 120 characters; leave it empty for nothing.",
  },

  hint: {
    interact: (verb: string, title: string): string => `${verb} · ${title}`,
    portal: (label: string): string => `Walk into ${label}`,
    read: (title: string): string => `Read · ${title}`,
    written: (text: string): string => `“${text}”`,
    key: "E",
  },

  chat: {
    placeholder: "Say something…",
    label: "Say something to those nearby",
    log: "What was said",
    open: "Chat",
    line: (name: string, text: string): string => `${name}: ${text}`,
    arrived: (name: string): string => `${name} came in.`,
  },

  menu: { walk: "Walk here", cancel: "Close" },

  help: {
    heading: "How to get about",
    brief: "Walk with WASD, the arrows, a click or a finger. E acts, H is help.",
    rows: [
      ["W A S D · arrows", "walk"],
      ["E", "do what the hint says"],
      ["1 – 9", "use what you carry (with Shift: only take it in hand)"],
      ["Q · P", "drop it · place it in front of you"],
      ["Enter", "say something"],
      ["Click · right click", "walk there · what can be done there"],
      ["L · C · H", "locker · customs report · this card"],
      ["Esc", "close what is open"],
      ["F3", "figures of the link, and ways to make it worse"],
    ],
    touch: "Drag anywhere on the picture to walk, tap a spot to go there, tap a thing to act on it, press long for more.",
    portals:
      "Portals lead to worlds of other people. What you carry is looked at by their customs; what they keep back waits in your locker.",
    close: "Understood",
    open: "Help",
    figures: "Figures",
    leave: "Leave this world",
  },

  debug: {
    heading: "Underneath",
    traffic: (bytes: string): string => `bytes in: ${bytes}/s`,
    waiting: (steps: number): string => `steps unanswered: ${steps} (red: corrected)`,
    link: {
      heading: "Make the link worse",
      delay: (ms: number): string => `Round trip +${Math.round(ms)} ms`,
      jitter: (ms: number): string => `Jitter ${Math.round(ms)} ms`,
      stall: (ms: number): string => (ms === 0 ? "No stalls" : `Stalls of ${(ms / 1_000).toFixed(1)} s`),
      rate: (bytes: number): string => (bytes === 0 ? "As wide as it is" : `${bytesText(bytes)}/s each way`),
    },
  },

  places: { arrived: (world: string) => `You are in ${world}` },
  connection: (state: string): string => `Connection: ${state}`,
  pictures: (count: number): string => `${count} pictures of this world could not be read; their tiles stay empty.`,
  health: (percent: number): string => `Health ${percent} percent`,
  close: "Close",
  seconds: (n: number): string => (n < 90 ? `${n} s` : n < 5_400 ? `${Math.round(n / 60)} min` : `${Math.round(n / 3_600)} h`),
} as const;

/** 1234567 → "1.2 MB". */
export function bytesText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
