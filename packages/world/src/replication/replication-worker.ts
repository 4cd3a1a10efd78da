// The thread in which a world's replicas are kept: sealing, hashing, writing and proving happen here, and the tick goes on beside it.
import { parentPort, workerData } from "node:worker_threads";
import { FaultError } from "@sojourn/protocol";
import type { LogFields, LogLevel } from "@sojourn/runtime";
import type { KeptNeighbour, MeshBudget } from "../mesh/mesh.ts";
import type { Moment } from "./journal-source.ts";
import { type Beaten, Keeper, type KeeperOptions, type SigningKey } from "./keeper.ts";
import type { ReplicationStatus } from "./replica-status.ts";

export type ToWorker =
  | { readonly t: "ship"; readonly moment: Moment }
  | { readonly t: "beat"; readonly id: number; readonly moment: Moment; readonly isAtRest: boolean }
  | { readonly t: "key"; readonly signing: SigningKey }
  | { readonly t: "neighbours"; readonly neighbours: readonly KeptNeighbour[]; readonly budget: MeshBudget }
  | { readonly t: "close" };

export type FromWorker =
  | { readonly t: "open"; readonly problem?: string }
  | { readonly t: "status"; readonly status: ReplicationStatus }
  | { readonly t: "log"; readonly level: LogLevel; readonly message: string; readonly fields: LogFields }
  | { readonly t: "beaten"; readonly id: number; readonly beaten: readonly Beaten[] }
  | { readonly t: "closed" };

const port = parentPort;
const tell = (message: FromWorker): void => port?.postMessage(message);
const say =
  (level: LogLevel) =>
  (message: string, fields: LogFields = {}): void =>
    tell({ t: "log", level, message, fields });
const log = { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };

try {
  const keeper = await Keeper.open(workerData as KeeperOptions, { log, onStatus: (status) => tell({ t: "status", status }) });
  port?.on("message", (message: ToWorker) => void obey(keeper, message));
  tell({ t: "open" });
} catch (error) {
  tell({ t: "open", problem: error instanceof FaultError ? error.fault.detail : String(error) });
}

async function obey(keeper: Keeper, message: ToWorker): Promise<void> {
  switch (message.t) {
    case "ship":
      return keeper.ship(message.moment);
    case "key":
      return keeper.useKey(message.signing);
    case "neighbours":
      return keeper.hear(message.neighbours, message.budget);
    case "beat":
      return tell({ t: "beaten", id: message.id, beaten: await keeper.beat(message.moment, message.isAtRest) });
    case "close":
      await keeper.close();
      tell({ t: "closed" });
      port?.close();
  }
}
