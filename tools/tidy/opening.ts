// A file opens by saying what it is: the first lines are a comment.
import type { Problem, Repository } from "./repository.ts";

/** The comment a source opens with, without its marks; empty when there is none. */
export function openingComment(text: string): string {
  const body = text.replace(/^#!.*\n/, "").trimStart();
  const block = /^\/\*[\s\S]*?\*\//.exec(body);
  if (block !== null) return block[0];
  return /^(?:\/\/.*(?:\n|$))*/.exec(body)?.[0] ?? "";
}

/** Tests are told apart by their titles and need none; a room that is still empty has nothing to say. */
export function checkOpenings(repository: Repository): Problem[] {
  return repository.sources
    .filter((source) => !source.isTest && source.text.trim() !== "export {};")
    .filter((source) => openingComment(source.text).length < 20)
    .map((source) => ({
      path: source.path,
      line: 1,
      rule: "opening",
      message: "the file does not open with a comment that says what it is",
    }));
}
