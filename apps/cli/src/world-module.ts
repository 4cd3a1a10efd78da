// A world that an author wrote. It may lie anywhere on this machine: what it imports of @sojourn and its own folder does not have comes
// from the installation that serves it. Whatever is wrong with the module is a fault that names the file, never a bug of this command.
import { statSync } from "node:fs";
import { registerHooks } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { FaultError, fault } from "@sojourn/protocol";
import { checkDefinition, type Openable } from "@sojourn/world";

export const MAP_ENDING: RegExp = /\.(tmx|tmj|json)$/i;

/** Loads the module and finds its world. Throws a FaultError that says what its author can do. */
export async function worldIn(file: string): Promise<Openable> {
  const path = resolve(file);
  const about = statSync(path, { throwIfNoEntry: false });
  if (about === undefined) throw wrong(file, "there is no such file");
  if (about.isDirectory()) throw wrong(file, "it is a folder; name the module in it that calls defineWorld, or a map with --map");
  if (MAP_ENDING.test(path)) throw wrong(file, `it is a map: sojourn serve --map ${file}`);
  answerForOurs();
  let module: { readonly [name: string]: unknown };
  try {
    module = await import(pathToFileURL(path).href);
  } catch (problem) {
    throw wrong(file, `it cannot be loaded: ${reasonOf(problem, dirname(path))}`);
  }
  return definitionIn(module, file);
}

/** The one definition a module exports, as default or by any name. */
function definitionIn(module: { readonly [name: string]: unknown }, file: string): Openable {
  const found = new Set(
    [module.default, ...Object.values(module)].filter(
      (value) => typeof value === "object" && value !== null && "map" in value && "name" in value,
    ),
  );
  const [definition] = found;
  if (definition === undefined) throw wrong(file, "it exports no world: export default defineWorld({ … })");
  if (found.size > 1 && definition !== module.default) throw wrong(file, `it exports ${found.size} worlds; make one of them the default`);
  try {
    checkDefinition(definition as Parameters<typeof checkDefinition>[0]);
  } catch (problem) {
    throw wrong(file, reasonOf(problem, dirname(resolve(file))));
  }
  return besideModule(definition as Openable, file);
}

/** A map named by a plain path lies beside the module, wherever the command is run. */
function besideModule(world: Openable, file: string): Openable {
  if (!("map" in world) || typeof world.map !== "string") return world;
  return { ...world, map: resolve(dirname(resolve(file)), world.map) };
}

function wrong(file: string, what: string): FaultError {
  return new FaultError(fault("malformed", "client", `${file}: ${what}`));
}

/** What was thrown, and where in the author's own folder: a line of the stack, or the head that Node sets over a syntax error. */
function reasonOf(problem: unknown, folder: string): string {
  if (!(problem instanceof Error)) return String(problem);
  const words = problem.name === "Error" || problem.name === "FaultError" ? problem.message : `${problem.name}: ${problem.message}`;
  for (const [, place, line] of (problem.stack ?? "").matchAll(/((?:file:\/\/)?\/[^\s():]+):(\d+)/g)) {
    const path = (place as string).startsWith("file:") ? fileURLToPath(place as string) : (place as string);
    if (path.startsWith(folder) && !words.includes(path)) return `${words} (${path}:${line})`;
  }
  return words;
}

let isAnswering = false;

/** From now on an import of @sojourn/… that fails where it stands is tried from here. */
function answerForOurs(): void {
  if (isAnswering) return;
  isAnswering = true;
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context);
      } catch (problem) {
        if (!specifier.startsWith("@sojourn/")) throw problem;
        try {
          return next(specifier, { ...context, parentURL: import.meta.url });
        } catch {
          throw problem;
        }
      }
    },
  });
}
