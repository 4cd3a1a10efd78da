import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { blockStoreRules } from "@sojourn/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { makeBlock } from "../blocks/block.ts";
import { LIMITS } from "../limits.ts";
import { httpStore } from "./http.ts";
import type { Block, BlockStore } from "./port.ts";

const servers: Server[] = [];
const served = new Map<BlockStore, Map<string, Uint8Array>>();
const silent = new Set<string>();

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A real gateway in a few lines: what it holds, by id. */
async function open(seed: readonly Block[]): Promise<BlockStore> {
  const held = new Map(seed.map(({ cid, bytes }) => [cid, bytes]));
  const url = await serve((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://gateway");
    const cid = pathname.replace("/ipfs/", "");
    if (silent.has(cid)) return;
    const bytes = held.get(cid);
    if (bytes === undefined || searchParams.get("format") !== "raw") response.writeHead(404).end();
    else response.writeHead(200, { "content-type": "application/vnd.ipld.raw" }).end(request.method === "HEAD" ? undefined : bytes);
  });
  const store = httpStore(`${url}/`);
  served.set(store, held);
  return store;
}

async function damage(store: BlockStore, { cid }: Block, bytes: Uint8Array): Promise<void> {
  served.get(store)?.set(cid, bytes);
}

function silence(_: BlockStore, { cid }: Block, isSilent: boolean): void {
  if (isSilent) silent.add(cid);
  else silent.delete(cid);
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe("the http store", () => {
  for (const rule of blockStoreRules) test(rule.title, () => rule.check({ open, damage, silence, isReadOnly: true }));

  test("cuts off a body that states no length one byte after the largest block", async () => {
    const block = await makeBlock("raw", new Uint8Array([1]));
    let sent = 0;
    const url = await serve((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(new Uint8Array(65_536))) sent += 65_536;
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    expect(await httpStore(url).get(block.cid)).toMatchObject({ ok: false, fault: { code: "oversized", blame: "peer" } });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(sent).toBeLessThan(64 * LIMITS.blockBytes);
  });

  test("does not begin to read a body that states too great a length", async () => {
    const block = await makeBlock("raw", new Uint8Array([1]));
    const url = await serve((_, response) => {
      response.writeHead(200, { "content-length": String(LIMITS.blockBytes + 1) });
      response.write("x");
    });
    expect(await httpStore(url, { timeoutMs: 2_000 }).get(block.cid)).toMatchObject({ ok: false, fault: { code: "oversized" } });
  });

  test("gives up on a body that never ends in time, and when it is cancelled", async () => {
    const block = await makeBlock("raw", new Uint8Array([1, 2, 3]));
    const url = await serve((_, response) => {
      response.writeHead(200);
      response.write(new Uint8Array([1]));
    });
    const late = await httpStore(url, { timeoutMs: 100 }).get(block.cid);
    expect(late).toMatchObject({ ok: false, fault: { code: "store-failed", blame: "link", retryAfterMs: 1_000 } });
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 50);
    const cancelled = await httpStore(url).get(block.cid, { signal: cancel.signal });
    expect(cancelled).toMatchObject({ ok: false, fault: { code: "store-failed", blame: "client" } });
  });

  test("does not follow a redirect", async () => {
    const block = await makeBlock("raw", new Uint8Array([1, 2, 3]));
    const elsewhere = await open([block]);
    const url = await serve((request, response) => {
      response.writeHead(302, { location: `${elsewhere.name}${request.url}` }).end();
    });
    expect(await httpStore(url).get(block.cid)).toMatchObject({ ok: false, fault: { code: "store-failed" } });
  });

  test("tells a block that is not there from a server that is not there, or is broken", async () => {
    const block = await makeBlock("raw", new Uint8Array([1]));
    const codes: string[] = [];
    const url = await serve((request, response) => response.writeHead(request.url?.startsWith("/gone") ? 410 : 503).end());
    for (const base of [`${url}/gone`, url, "http://127.0.0.1:9"]) {
      const got = await httpStore(base).get(block.cid);
      if (!got.ok) codes.push(got.fault.code);
    }
    expect(codes).toEqual(["missing-block", "store-failed", "store-failed"]);
  });
});
