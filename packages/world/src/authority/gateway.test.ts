import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CarReader } from "@ipld/car";
import { type BlockStore, memoryStore } from "@sojourn/substrate";
import { packTiled } from "@sojourn/substrate/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hall, writeTestMap } from "../fixtures/test-map.ts";
import { openGateway } from "./gateway.ts";

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
      gateway.serve(
        { path: path.slice("/ipfs/".length), query, accept: request.headers.accept ?? "", isHead: request.method === "HEAD" },
        response,
      );
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

  it("lets go of a reader who goes away in the middle", async () => {
    const stop = new AbortController();
    const response = await fetch(`${url}${root}?format=car`, { signal: stop.signal });
    stop.abort();
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect((await fetch(`${url}${root}?format=car`)).status).toBe(200);
  });
});
