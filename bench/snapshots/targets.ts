// The servers that are compared, each a process of its own, fed by the same load.
import type { LoadOptions } from "./load/generator.ts";

export interface Target {
  readonly name: string;
  readonly about: string;
  readonly script: string;
  readonly dialect: LoadOptions["dialect"];
  /** Wants the sizes of what a world wrote. */
  readonly wantsTrace: boolean;
  readonly arguments: readonly string[];
  /** Wants the packages of bench/package.json. */
  readonly wantsPeers: boolean;
}

const PLAIN = { arguments: [], wantsTrace: false, wantsPeers: false } as const;

export const TARGETS: readonly Target[] = [
  {
    ...PLAIN,
    name: "sojourn",
    about: "a whole world: intents, movement, collision, interest, encoding",
    script: "./servers/sojourn.ts",
    dialect: "sojourn",
  },
  {
    ...PLAIN,
    name: "ws",
    about: "floor: ws, frames of the same sizes made beforehand",
    script: "./servers/ws.ts",
    dialect: "floor",
    wantsTrace: true,
  },
  {
    ...PLAIN,
    name: "net",
    about: "floor: bare sockets, the same frames with their heads",
    script: "./servers/net.ts",
    dialect: "floor",
    wantsTrace: true,
  },
  {
    ...PLAIN,
    name: "exact",
    about: "an encoding of one's own for each client, interest by exact radius, over ws",
    script: "./servers/exact.ts",
    dialect: "floor",
  },
  ...["plain", "view"].map((mode) => ({
    ...PLAIN,
    name: mode === "plain" ? "colyseus" : "colyseus-view",
    about: mode === "plain" ? "Colyseus, everything to everybody" : "Colyseus with a StateView for each client, its interest management",
    script: "./servers/colyseus.ts",
    dialect: "colyseus" as const,
    arguments: [mode],
    wantsPeers: true,
  })),
];

export const SOJOURN: Target = TARGETS[0] as Target;

export function targetNamed(name: string): Target | undefined {
  return TARGETS.find((target) => target.name === name);
}
