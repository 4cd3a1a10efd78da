import { expect, test } from "vitest";
import { spokenLine } from "./log-line.ts";

test("a warning is spoken with its fields, an info is not", () => {
  expect(spokenLine('{"time":"2026-01-01T00:00:00Z","level":"warn","event":"slow tick","tookMs":44.5}')).toBe("slow tick: tookMs 44.5");
  expect(spokenLine('{"time":"2026-01-01T00:00:00Z","level":"error","event":"heartbeat failed"}')).toBe("heartbeat failed");
  expect(spokenLine('{"time":"2026-01-01T00:00:00Z","level":"info","event":"world open"}')).toBeUndefined();
});

test.each(["sojourn: busy: the port is taken", "{not json", "{}", '{"event":7}'])("%j comes back as it is", (line) => {
  expect(spokenLine(line)).toBe(line);
});
