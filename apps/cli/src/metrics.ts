// The figures of a running world for a monitor that asks (Prometheus's text format), on a port of this machine alone. Above all: when each replica
// was last proven to bring the world back.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { FaultError, fault } from "@sojourn/protocol";
import type { WorldStats } from "@sojourn/world";

type Labels = { readonly [name: string]: string };

interface Metric {
  readonly name: string;
  readonly kind: "gauge" | "counter";
  readonly help: string;
  readonly values: readonly (readonly [Labels, number])[];
}

const TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** The figures as text; times in seconds since 1970, as monitors have them, 0: never. */
export function metricsText(stats: WorldStats): string {
  return `${metricsOf(stats).map(written).join("\n")}\n`;
}

function metricsOf(stats: WorldStats): readonly Metric[] {
  const one = (name: string, kind: Metric["kind"], help: string, value: number): Metric => ({ name, kind, help, values: [[{}, value]] });
  return [
    one("travellers", "gauge", "Travellers who are here.", stats.travellers),
    one("tick_seconds_mean", "gauge", "What a tick takes, in the mean.", stats.tickMsMean / 1_000),
    one("ticks_late_total", "counter", "Ticks that came late or not at all.", stats.lateTicks),
    one("pace", "gauge", "How fast time goes here; 1 is right.", stats.pace),
    one("journal_records", "gauge", "The last record of the journal.", stats.journalSeq),
    one("disk_full", "gauge", "1: there is no room for the journal.", Number(stats.isDiskFull)),
    ...replicaMetrics(stats),
    ...neighbourMetrics(stats),
  ];
}

function replicaMetrics({ replicas }: WorldStats): readonly Metric[] {
  const each = (name: string, help: string, of: (one: WorldStats["replicas"][number]) => number): Metric => ({
    ...{ name: `replica_${name}`, kind: "gauge", help },
    values: replicas.map((one) => [{ replica: one.name, kind: one.kind }, of(one)]),
  });
  return [
    each("proven_time_seconds", "When a restore from it alone last came to the world's own state.", (one) => one.provenMs / 1_000),
    each("proven_record", "The record that restore came to.", (one) => one.provenSeq),
    each("record", "The last record of the journal that lies there.", (one) => one.seq),
    each("heartbeat_time_seconds", "When it took the last heartbeat.", (one) => one.heartbeatMs / 1_000),
    each("failures", "Attempts in a row that failed.", (one) => one.failures),
    each("fenced", "1: another writer speaks for the world there.", (one) => Number(one.isFenced)),
  ];
}

function neighbourMetrics({ neighbours }: WorldStats): readonly Metric[] {
  const each = (name: string, help: string, of: (one: WorldStats["neighbours"][number]) => number): Metric => ({
    ...{ name: `neighbour_${name}`, kind: "gauge", help },
    values: neighbours.map((one) => [{ neighbour: one.name }, of(one)]),
  });
  return [
    each("kept_bytes", "What is kept of it here.", (one) => one.bytes),
    each("kept_time_seconds", "Its time in the copy that is kept here.", (one) => one.worldMs / 1_000),
    each("own_record", "The last record of this world that lies there.", (one) => one.own?.seq ?? 0),
    each("own_proven_time_seconds", "When a restore of this world from there was last proven.", (one) => (one.own?.provenMs ?? 0) / 1_000),
  ];
}

function written({ name, kind, help, values }: Metric): string {
  const full = `sojourn_${name}`;
  const lines = values.map(([labels, value]) => `${full}${labelsText(labels)} ${value}`);
  return [`# HELP ${full} ${help}`, `# TYPE ${full} ${kind}`, ...lines].join("\n");
}

function labelsText(labels: Labels): string {
  const escaped = (text: string): string => text.replace(/[\\"\n]/g, (sign) => (sign === "\n" ? "\\n" : `\\${sign}`));
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

export interface MetricsDoor {
  readonly url: string;
  close(): void;
}

/** Gives them at /metrics on this machine's own address; 503 while there are none. Throws a FaultError when the port is taken. */
export async function serveMetrics(stats: () => WorldStats | undefined, port: number): Promise<MetricsDoor> {
  const server = createServer((request, response) => {
    if (request.url !== "/metrics" || request.method !== "GET") return void response.writeHead(404).end();
    const now = stats();
    if (now === undefined) response.writeHead(503, { "retry-after": "1" }).end();
    else response.writeHead(200, { "content-type": TYPE }).end(metricsText(now));
  });
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    throw new FaultError(fault("refused", "client", `the metrics cannot be given at port ${port}: ${(error as Error).message}`));
  }
  server.unref();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
