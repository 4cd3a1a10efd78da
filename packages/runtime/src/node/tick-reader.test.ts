import type { Socket } from "node:net";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { masked, openMasked } from "../fixtures/masked-link.ts";
import { LINK_LIMITS } from "../limits.ts";
import type { Link } from "../link.ts";
import { type LinkServer, listen } from "./link-server.ts";

let server: LinkServer;
beforeAll(async () => {
  server = await listen({ path: "/play", onRequest: (_request, response) => void response.end() });
});
afterAll(() => server.close());

const WAIT_MS = 5_000;
const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

async function until(look: () => boolean): Promise<void> {
  for (const end = performance.now() + WAIT_MS; !look(); await rest()) {
    if (performance.now() > end) throw new Error("it did not happen in time");
  }
}

/** Says one thing in each of a few ticks, as players do: from then on the link is read at ticks. */
async function heardAtTicks(): Promise<{ readonly socket: Socket; readonly link: Link }> {
  const { socket, link } = await openMasked(server);
  link.hearAtTicks?.(true);
  for (let tick = 0; tick < 3; tick++) {
    socket.write(masked(Uint8Array.of(tick)));
    await until(() => link.receive().length > 0);
    server.hear();
  }
  return { socket, link };
}

/** Everything that comes within ticks, until there is so much. */
async function received(link: Link, count: number): Promise<number[][]> {
  const got: Uint8Array[] = [];
  await until(() => {
    server.hear();
    got.push(...link.receive());
    return got.length >= count;
  });
  return got.map((frame) => [...frame]);
}

describe("a link that is heard at ticks", () => {
  it("brings nothing between two ticks and wakes nobody, and everything with the next", async () => {
    const { socket, link } = await heardAtTicks();
    let woken = 0;
    link.onWake = () => woken++;
    await new Promise<void>((resolve) => socket.write(masked(Uint8Array.of(9)), () => resolve()));
    for (let turn = 0; turn < 20; turn++) await rest();
    expect(link.receive()).toEqual([]);
    expect(woken).toBe(0);
    expect(await received(link, 1)).toEqual([[9]]);
    socket.destroy();
  });

  it("is left to its socket again when ticks bring nothing, or when nobody waits for ticks any more", async () => {
    const quiet = await heardAtTicks();
    for (let tick = 0; tick < 8; tick++) server.hear();
    quiet.socket.write(masked(Uint8Array.of(1)));
    await until(() => quiet.link.receive().length > 0);
    const other = await heardAtTicks();
    other.link.hearAtTicks?.(false);
    other.socket.write(masked(Uint8Array.of(2)));
    await until(() => other.link.receive().length > 0);
    quiet.socket.destroy();
    other.socket.destroy();
  });

  it("gives the same messages in the same order, whatever they are and wherever the stream is cut", async () => {
    const payload = fc.oneof(fc.uint8Array({ maxLength: 12 }), fc.uint8Array({ minLength: 120, maxLength: 130 }));
    const how = fc.constantFrom("whole", "whole", "whole", "ping", "pieces");
    const messages = fc.array(fc.record({ payload, how }), { minLength: 1, maxLength: 12 });
    const cuts = fc.array(fc.nat(2_000), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(messages, cuts, async (said, at) => {
        const { socket, link } = await heardAtTicks();
        const bytes = Buffer.concat(
          said.flatMap(({ payload: one, how: way }) => {
            if (way === "ping") return [masked(Uint8Array.of(9), 0x89), masked(one)];
            if (way === "pieces") return [masked(one.subarray(0, 3), 0x02), masked(one.subarray(3), 0x80)];
            return [masked(one)];
          }),
        );
        const got: Uint8Array[] = [];
        let from = 0;
        for (const cut of [...at.map((n) => n % bytes.length).sort((a, b) => a - b), bytes.length]) {
          if (cut > from) socket.write(bytes.subarray(from, cut));
          from = Math.max(from, cut);
          await new Promise((resolve) => setImmediate(resolve));
          server.hear();
          got.push(...link.receive());
        }
        const later = got.length < said.length ? await received(link, said.length - got.length) : [];
        expect([...got.map((frame) => [...frame]), ...later]).toEqual(said.map((one) => [...one.payload]));
        expect(link.fault).toBeUndefined();
        socket.destroy();
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  it("says how it ended: politely, by a reset, by our own goodbye", async () => {
    const polite = await heardAtTicks();
    polite.socket.end(masked(Uint8Array.of(3, 232), 0x88));
    await until(() => {
      server.hear();
      return polite.link.end !== undefined;
    });
    expect(polite.link.end?.code).toBe(1000);
    const broken = await heardAtTicks();
    broken.socket.resetAndDestroy();
    await until(() => {
      server.hear();
      return broken.link.end !== undefined;
    });
    expect(broken.link.end?.code).toBe(1006);
    const ours = await heardAtTicks();
    let answer = 0;
    ours.socket.on("data", (bytes: Buffer) => {
      answer = bytes[0] as number;
    });
    ours.link.close(4001, "replaced");
    await until(() => answer === 0x88);
    ours.socket.end(masked(Uint8Array.of(15, 161), 0x88));
    await until(() => server.openLinks === 0 || ours.socket.destroyed);
  });

  it("is at fault when more frames come than may wait, and holds no more of them", async () => {
    const { socket, link } = await heardAtTicks();
    socket.write(Buffer.concat(Array.from({ length: 3 * LINK_LIMITS.inboxFrames }, () => masked(Uint8Array.of(4)))));
    await until(() => {
      server.hear();
      return link.fault !== undefined;
    });
    expect(link.fault?.code).toBe("too-fast");
    expect(link.receive().length).toBeLessThanOrEqual(LINK_LIMITS.inboxFrames);
    socket.destroy();
  });
});
