// What things are called: files in kebab-case and by what they are, exports in the words of the glossary.
import type { Problem, Repository } from "./repository.ts";

/** Names that say nothing of what is inside. */
const EMPTY_NAMES = new Set(["util", "utils", "helper", "helpers", "common", "manager", "managers", "misc", "base", "shared", "stuff"]);
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
const UPPER_CASE_FILES = /^(README|SPEC|JOURNAL|GLOSSARY|CONTRIBUTING|LICENSE|CHANGELOG|SECURITY)(\.md)?$/;

/** Words that mean something else here, or two things: each has a better one in GLOSSARY.md. */
export const AVOIDED_WORDS: Readonly<Record<string, string>> = {
  room: "world",
  shard: "world",
  teleport: "transfer or crossing",
  spectator: "ghost",
  user: "traveller",
  backup: "checkpoint or replica",
  cdn: "substrate",
};

export function checkFileNames(repository: Repository): Problem[] {
  const problems: Problem[] = [];
  for (const path of repository.paths) {
    const add = (message: string): void => {
      problems.push({ path, line: 1, rule: "file-name", message });
    };
    for (const part of path.split("/")) {
      if (part.startsWith(".") || UPPER_CASE_FILES.test(part)) continue;
      const stem = part.split(".")[0] as string;
      if (!KEBAB.test(part)) add(`"${part}" is not in kebab-case`);
      if (EMPTY_NAMES.has(stem) || /-(utils?|helpers?|manager)$/.test(stem) || /^base-/.test(stem)) {
        add(`"${part}" does not say what is inside`);
      }
    }
  }
  return problems;
}

export function checkExportedNames(repository: Repository): Problem[] {
  const problems: Problem[] = [];
  // The tools speak of the house itself, where a package is a room.
  for (const source of repository.sources.filter(({ path }) => !path.startsWith("tools/"))) {
    for (const { name, line } of source.exportedNames) {
      const add = (message: string): void => {
        problems.push({ path: source.path, line, rule: "words", message });
      };
      const words = wordsIn(name);
      const avoided = words.find((word) => Object.hasOwn(AVOIDED_WORDS, word));
      if (avoided !== undefined) add(`${name}: not "${avoided}", say ${AVOIDED_WORDS[avoided]} (GLOSSARY.md)`);
      if (/^Base[A-Z]/.test(name) || /(Utils?|Helpers?|Manager)$/.test(name)) add(`${name} does not say what it is`);
    }
  }
  return problems;
}

/** Every word that is avoided here is explained in the glossary. */
export function checkGlossary(repository: Repository): Problem[] {
  const glossary = repository.texts.get("GLOSSARY.md");
  if (glossary === undefined) return [];
  const words = new Set(glossary.toLowerCase().match(/[a-z]+/g));
  return Object.keys(AVOIDED_WORDS)
    .filter((word) => !words.has(word))
    .map((word) => ({ path: "GLOSSARY.md", line: 1, rule: "words", message: `"${word}" is avoided by tidy but not named here` }));
}

/** `openURLStore2` → open, url, store2. */
export function wordsIn(identifier: string): string[] {
  return identifier
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .split(/[\s_$-]+/)
    .map((word) => word.toLowerCase())
    .filter((word) => word !== "");
}
