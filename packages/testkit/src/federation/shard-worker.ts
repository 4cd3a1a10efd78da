// A thread of the simulator: runs the shards it is handed, one after another.
import { parentPort } from "node:worker_threads";
import { type RunPlan, runFederation } from "./run.ts";

parentPort?.on("message", (plan: RunPlan) => parentPort?.postMessage(runFederation(plan)));
