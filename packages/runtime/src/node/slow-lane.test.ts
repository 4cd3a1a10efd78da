import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { masked, openMasked } from "../fixtures/masked-link.ts";
import { type LinkServer, listen } from "./link-server.ts";
import { FrameBounds } from "./slow-lane.ts";

let server: LinkServer;
beforeAll(async () => {
  server = await listen({ path: "/play", onRequest: (_request, response) => void response.end() });
});
afterAll(() => server.close());

const payload = fc.oneof(
  fc.uint8Array({ maxLength: 12 }),
  fc.uint8Array({ minLength: 120, maxLength: 130 }),
  fc.uint8Array({ minLength: 300, maxLength: 400 }),
);
/** A message whole, in two pieces, or with a ping in front. */
const said = fc.record({ payload, how: fc.constantFrom("whole", "whole", "whole", "ping", "pieces" as const) });

it("any stream of frames, cut anywhere, gives the same messages in the same order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(said, { minLength: 1, maxLength: 12 }), fc.array(fc.nat(2_000), { maxLength: 6 }), async (messages, cuts) => {
      const { socket, link } = await openMasked(server);
      const bytes = Buffer.concat(
        messages.flatMap(({ payload: one, how }) => {
          if (how === "ping") return [masked(Uint8Array.of(9), 0x89), masked(one)];
          if (how === "pieces") return [masked(one.subarray(0, 3), 0x02), masked(one.subarray(3), 0x80)];
          return [masked(one)];
        }),
      );
      let from = 0;
      for (const cut of [...cuts.map((at) => at % bytes.length).sort((a, b) => a - b), bytes.length]) {
        if (cut > from) socket.write(bytes.subarray(from, cut));
        from = Math.max(from, cut);
        await new Promise((resolve) => setImmediate(resolve));
      }
      const got: Uint8Array[] = [];
      const end = performance.now() + 5_000;
      while (got.length < messages.length && performance.now() < end) {
        got.push(...link.receive());
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      expect(got.map((frame) => [...frame])).toEqual(messages.map((one) => [...one.payload]));
      expect(link.fault).toBeUndefined();
      socket.destroy();
    }),
    { numRuns: 60 },
  );
}, 60_000);

it("a client's frame without a mask is no frame, in whichever lane", async () => {
  const { socket, link } = await openMasked(server);
  socket.write(Uint8Array.of(0x82, 1, 7));
  const end = performance.now() + 5_000;
  while (link.fault === undefined && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(link.fault?.code).toBe("malformed");
  expect(link.receive()).toEqual([]);
  socket.destroy();
});

it("follows the ends of frames of every length of length", () => {
  const frames = [
    masked(new Uint8Array(5)),
    masked(new Uint8Array(300)),
    Uint8Array.from([0x82, 127, 0, 0, 0, 0, 0, 0, 0, 2, 1, 1]),
    Uint8Array.of(0x82, 0),
  ];
  const bytes = Uint8Array.from(frames.flatMap((frame) => [...frame]));
  const bounds = new FrameBounds();
  const ends: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    at = bounds.follow(bytes.subarray(0, at + 1), at);
    if (bounds.isBetween) ends.push(at);
  }
  expect(ends).toEqual(frames.map((_, i) => frames.slice(0, i + 1).reduce((sum, frame) => sum + frame.length, 0)));
});
