// A bot's script: what a scripted traveller does, one step after another. Text in, steps out; no IO.
// Steps are separated by `;` or line ends, words by spaces: `walk east 3; chat Hello there; use torch; cross; repeat`.
import { fail, ok, type Result } from "@sojourn/protocol";

export type Step =
  | { readonly do: "walk"; readonly dx: number; readonly dy: number; readonly units: number }
  | { readonly do: "go"; readonly x: number; readonly y: number }
  | { readonly do: "wander"; readonly seconds: number }
  | { readonly do: "chat"; readonly text: string }
  | { readonly do: "use" | "drop" | "place"; readonly kind: string }
  | { readonly do: "pick-up" | "interact"; readonly kind: string }
  | { readonly do: "cross"; readonly portal: string | undefined }
  | { readonly do: "wait"; readonly seconds: number }
  | { readonly do: "repeat" };

/** What load and tests use when no script is given. */
export const DEFAULT_SCRIPT =
  "wander 1; chat Hello from a bot; use torch; drop torch; wait 0.3; pick-up torch; cross; wander 1; cross; repeat";

export const SCRIPT_HELP = `A script is a list of steps, separated by ";":
  walk north|east|south|west UNITS   walk in one direction
  go X Y                             find a way to a place (map tiles)
  wander SECONDS                     walk about
  chat TEXT                          say something
  use KIND                           use an item one carries: use torch
  drop KIND / pick-up KIND           put an item down / take the nearest one up
  place KIND                         place an item as a lasting object beside one
  interact KIND                      walk to the nearest thing of this kind and use it
  cross [PORTAL]                     walk to a portal (the nearest, or by name) and cross
  wait SECONDS
  repeat                             start again from the first step`;

const LIMITS = { scriptChars: 4_096, steps: 256, seconds: 3_600, units: 1_000 } as const;
const DIRECTIONS: { readonly [name: string]: readonly [number, number] } = { north: [0, -1], east: [1, 0], south: [0, 1], west: [-1, 0] };

/** Reads a script. A step that is not understood is a fault that names it and shows what can be said. */
export function parseScript(text: string): Result<readonly Step[]> {
  if (text.length > LIMITS.scriptChars) return fail("oversized", "client", `a script has at most ${LIMITS.scriptChars} characters`);
  const lines = text
    .split(/[;\n]/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (lines.length === 0 || lines.length > LIMITS.steps) return fail("malformed", "client", `a script has 1 to ${LIMITS.steps} steps`);
  const steps: Step[] = [];
  for (const line of lines) {
    const step = parseStep(line);
    if (step === undefined)
      return fail("malformed", "client", `script step "${line.slice(0, 60)}" is not understood; sojourn bot --help shows the steps`);
    steps.push(step);
  }
  if (steps.every((step) => step.do === "repeat")) return fail("malformed", "client", "a script that only repeats does nothing");
  return ok(steps);
}

function parseStep(line: string): Step | undefined {
  const [verb = "", ...words] = line.split(/\s+/);
  const rest = line.slice(verb.length).trim();
  switch (verb) {
    case "walk": {
      const direction = DIRECTIONS[words[0] ?? ""];
      const units = amount(words[1] ?? "1", LIMITS.units);
      return direction === undefined || units === undefined ? undefined : { do: "walk", dx: direction[0], dy: direction[1], units };
    }
    case "go": {
      const [x, y] = [Number(words[0]), Number(words[1])];
      return words.length === 2 && Number.isFinite(x) && Number.isFinite(y) ? { do: "go", x, y } : undefined;
    }
    case "wander":
    case "wait": {
      const seconds = amount(words[0] ?? "1", LIMITS.seconds);
      return seconds === undefined ? undefined : { do: verb, seconds };
    }
    case "chat":
      return rest === "" ? undefined : { do: "chat", text: rest };
    case "use":
    case "drop":
    case "place":
    case "pick-up":
    case "interact":
      return words.length === 1 ? { do: verb, kind: rest } : undefined;
    case "cross":
      return { do: "cross", portal: rest === "" ? undefined : rest };
    case "repeat":
      return words.length === 0 ? { do: "repeat" } : undefined;
    default:
      return undefined;
  }
}

function amount(word: string, max: number): number | undefined {
  const value = Number(word);
  return Number.isFinite(value) && value >= 0 && value <= max ? value : undefined;
}
