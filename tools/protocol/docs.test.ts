import { FAULT_CODES } from "@sojourn/protocol";
import { expect, test } from "vitest";
import { documents, read } from "./docs.ts";

test.each([...documents()])("%s is what its code prints (node tools/protocol/docs.ts)", (path, text) => {
  expect(read(path)).toBe(text);
});

test("SPEC.md explains every fault code, each once and in the order of the code", () => {
  const listed = [...read("packages/protocol/SPEC.md").matchAll(/^\| `([a-z-]+)` \| (?:client|world|peer|link|any)/gm)].map(
    ([, code]) => code,
  );
  expect(listed).toEqual([...FAULT_CODES]);
});
