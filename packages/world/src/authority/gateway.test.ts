import { mkdtempSync, rmSync } from "node:fs";
import { createServer, get, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CarReader } from "@ipld/car";
import { type BlockStore, memoryStore } from "@sojourn/substrate";
import { packTiled } from "@sojourn/substrate/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hall, writeTestMap } from "../fixtures/test-map.ts";
import { openGateway } from "./gateway.ts";

/** By node:http, for fetch always says what it accepts. */
function statusOf(url: URL, accept: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, accept === "" ? {} : { headers: { accept } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", reject);
  });
}

describe("the gateway", () => {
  let folder: string;
  let server: Server;
  let url: string;
  let root: string;
  let store: BlockStore;
  let cids: string[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "sojourn-gateway-"));
    const packed = await packTiled(writeTestMap(folder, hall(40, 30), []));
    if (!packed.ok) throw new Error(packed.fault.detail);
    root = packed.value.root;
    cids = packed.value.blocks.map(({ cid }) => cid);
    store = memoryStore("memory", packed.value.blocks);
    const gateway = openGateway({ ...store, get: (cid, options) => store.get(cid, options) });
    server = createServer((request, response) => {
      const [path = "", query = ""] = (request.url ?? "").split("?");
      const { accept = "", range = "", "if-none-match": ifNoneMatch = "", "cache-control": cacheControl = "" } = request.headers;
      const isHead = request.method === "HEAD";
      gateway.serve({ path: path.slice("/ipfs/".length), query, isHead, accept, range, ifNoneMatch, cacheControl }, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ipfs/`;
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  it("gives a version with all its blocks as one CAR that other tools read", async () => {
    const response = await fetch(`${url}${root}`, { headers: { accept: "application/vnd.ipld.car; version=1; order=dfs; dups=n" } });
    expect([response.status, response.headers.get("content-type")]).toEqual([
      200,
      "application/vnd.ipld.car; version=1; order=dfs; dups=n",
    ]);
    const reader = await CarReader.fromBytes(new Uint8Array(await response.arrayBuffer()));
    expect((await reader.getRoots()).map(String)).toEqual([root]);
    const given: string[] = [];
    for await (const { cid } of reader.blocks()) given.push(cid.toString());
    expect(given[0]).toBe(root);
    expect([...given].sort()).toEqual([...cids].sort());
  });

  it("gives one block as a CAR of its own", async () => {
    for (const scope of ["block", "entity"]) {
      const response = await fetch(`${url}${root}?format=car&dag-scope=${scope}`);
      const reader = await CarReader.fromBytes(new Uint8Array(await response.arrayBuffer()));
      const given: string[] = [];
      for await (const { cid } of reader.blocks()) given.push(cid.toString());
      expect(given).toEqual([root]);
    }
  });

  it("tears a stream that it cannot finish, so that nobody takes it for whole", async () => {
    await store.delete?.(cids.find((cid) => cid !== root) as string);
    const whole = fetch(`${url}${root}?format=car`).then((response) => response.arrayBuffer());
    await expect(whole).rejects.toThrow();
    expect((await fetch(`${url}${root}?format=raw`)).status).toBe(200);
  });

  it("answers HEAD without a body, and says that what an id names never changes", async () => {
    for (const format of ["raw", "car"]) {
      const head = await fetch(`${url}${root}?format=${format}`, { method: "HEAD" });
      expect([head.status, (await head.arrayBuffer()).byteLength]).toEqual([200, 0]);
      expect(head.headers.get("cache-control")).toContain("immutable");
      expect(head.headers.get("etag")).toContain(root);
    }
  });

  it("refuses what it cannot give, and says what it can", async () => {
    const statuses = await Promise.all(
      [
        `${root}`,
        `${root}?format=json`,
        `${root}/a/path?format=raw`,
        `${root}?format=car&dag-scope=everything`,
        `${root}?format=car&car-version=2`,
        `${root.slice(0, -8)}aaaaaaaa?format=car`,
        "bafkqaaa?format=raw",
      ].map(async (path) => (await fetch(url + path)).status),
    );
    expect(statuses).toEqual([406, 406, 400, 400, 406, 404, 200]);
  });

  it("says 304 to who has it, 412 to who wants only what is here, and 400 to who does not say what they want", async () => {
    const head = await fetch(`${url}${root}?format=raw`, { method: "HEAD" });
    const etag = head.headers.get("etag") as string;
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const again = await fetch(`${url}${root}?format=raw`, { headers: { "if-none-match": known } });
      expect([known, again.status, (await again.arrayBuffer()).byteLength, again.headers.get("etag")]).toEqual([known, 304, 0, etag]);
    }
    expect((await fetch(`${url}${root}?format=car`, { headers: { "if-none-match": etag } })).status).toBe(200);
    const gone = `${root.slice(0, -8)}aaaaaaaa?format=raw`;
    expect((await fetch(url + gone, { headers: { "cache-control": "only-if-cached" } })).status).toBe(412);
    expect((await fetch(`${url}${root}?format=raw`, { headers: { "cache-control": "only-if-cached" } })).status).toBe(200);
    const statuses = await Promise.all(["", "*/*"].map((accept) => statusOf(new URL(`${url}${root}`), accept)));
    expect(statuses).toEqual([400, 406]);
  });

  it("gives parts of a block, and names every form of it by another ETag", async () => {
    const whole = new Uint8Array(await (await fetch(`${url}${root}?format=raw`)).arrayBuffer());
    for (const [range, first, last] of [
      ["bytes=0-0", 0, 0],
      ["bytes=2-", 2, whole.length - 1],
      ["bytes=-3", whole.length - 3, whole.length - 1],
      ["bytes=1-999999999", 1, whole.length - 1],
    ] as const) {
      const part = await fetch(`${url}${root}?format=raw`, { headers: { range } });
      expect([part.status, part.headers.get("content-range")]).toEqual([206, `bytes ${first}-${last}/${whole.length}`]);
      expect(new Uint8Array(await part.arrayBuffer())).toEqual(whole.subarray(first, last + 1));
    }
    for (const range of [`bytes=${whole.length}-`, "bytes=5-4", "bytes=-0"]) {
      const none = await fetch(`${url}${root}?format=raw`, { headers: { range } });
      expect([range, none.status, none.headers.get("content-range")]).toEqual([range, 416, `bytes */${whole.length}`]);
    }
    for (const range of ["bytes=0-1,3-4", "pages=1-2", "bytes=-"]) {
      expect((await fetch(`${url}${root}?format=raw`, { headers: { range } })).status).toBe(200);
    }
    const forms = ["format=raw", "format=car", "format=car&dag-scope=block", "format=car&entity-bytes=0:9"];
    const etags = await Promise.all(
      forms.map(async (form) => (await fetch(`${url}${root}?${form}`, { method: "HEAD" })).headers.get("etag")),
    );
    expect(new Set(etags).size).toBe(4);
    expect((await fetch(`${url}${root}?format=car&entity-bytes=x`)).status).toBe(400);
  });

  it("says where the answer has an address of its own, and lets every page read its headers", async () => {
    const chosen = await fetch(`${url}${root}`, { headers: { accept: "application/vnd.ipld.raw" } });
    expect(chosen.headers.get("content-location")).toBe(`/ipfs/${root}?format=raw`);
    expect((await fetch(`${url}${root}?format=raw`)).headers.get("content-location")).toBeNull();
    expect(chosen.headers.get("access-control-allow-origin")).toBe("*");
    expect(chosen.headers.get("access-control-expose-headers")).toContain("etag");
    expect(chosen.headers.get("content-disposition")).toBe(`attachment; filename="${root}.bin"`);
  });

  it("lets go of a reader who goes away in the middle", async () => {
    const stop = new AbortController();
    const response = await fetch(`${url}${root}?format=car`, { signal: stop.signal });
    stop.abort();
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect((await fetch(`${url}${root}?format=car`)).status).toBe(200);
  });
});
