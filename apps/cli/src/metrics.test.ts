// Figures for a monitor: a world that keeps a replica, asked over http as a monitor asks.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openWorld } from "@sojourn/world";
import { worlds } from "@sojourn/worlds";
import { expect, it } from "vitest";
import { metricsText, serveMetrics } from "./metrics.ts";

it("says when each replica was last proven, to this machine alone, and quotes whatever it is called", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sojourn-metrics-"));
  const replica = `folder:${join(folder, 'a "quoted" \\ place')}`;
  const tavern = worlds.tavern as NonNullable<typeof worlds.tavern>;
  const world = await openWorld(tavern, { dataFolder: join(folder, "data"), heartbeatMinutes: 0, replicas: [{ replica }] });
  let isOpen = false;
  const door = await serveMetrics(() => (isOpen ? world.stats() : undefined), 0);
  try {
    await expect.poll(() => world.stats().replicas[0]?.provenMs, { timeout: 30_000 }).toBeGreaterThan(0);
    expect((await fetch(door.url)).status).toBe(503);
    isOpen = true;
    const answer = await fetch(door.url);
    const text = await answer.text();
    expect(answer.headers.get("content-type")).toContain("version=0.0.4");
    const proven = /^sojourn_replica_proven_time_seconds\{replica="(.*)",kind="folder"\} (\S+)$/m.exec(text);
    expect(proven?.[1]).toBe(replica.replaceAll("\\", "\\\\").replaceAll('"', '\\"'));
    expect(Number(proven?.[2]) * 1_000).toBeCloseTo(world.stats().replicas[0]?.provenMs ?? 0, 3);
    expect(new URL(door.url).hostname).toBe("127.0.0.1");
    expect((await fetch(new URL("/elsewhere", door.url))).status).toBe(404);
    await expect(serveMetrics(() => undefined, Number(new URL(door.url).port))).rejects.toThrow(/refused: the metrics cannot be given/);
    // Every line is a comment, or a name with a number.
    for (const line of metricsText(world.stats()).trim().split("\n"))
      expect(line).toMatch(/^(# (HELP|TYPE) \S+ .+|\w+(\{.*\})? -?[\d.e+-]+)$/);
  } finally {
    door.close();
    await world.close();
    await rm(folder, { recursive: true, force: true });
  }
});
