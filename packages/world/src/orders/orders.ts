// What an operator tells a running world: a file in its data folder, which only they can write, and an answer beside it once what was
// ordered is durable. An order has an end: one that nobody took in time is never carried out later.
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  bool,
  type ContentId,
  check,
  choice,
  contentIdSchema,
  type Fault,
  fault,
  faultSchema,
  LIMITS,
  list,
  optional,
  type Result,
  type Schema,
  struct,
  type TransferId,
  type TravellerId,
  text,
  transferIdSchema,
  travellerIdSchema,
  uint,
  type WorldId,
  worldIdSchema,
} from "@sojourn/protocol";
import { lookAgain } from "@sojourn/runtime";
import { fileStore } from "@sojourn/runtime/node";
import { ORDER_LIMITS, REPLICATION_LIMITS } from "../limits.ts";

export type Order =
  /** Take back who left by this transfer, without the destination's word. */
  | { readonly do: "return"; readonly transfer: TransferId; readonly by: string; readonly why: string; readonly early: boolean }
  /** Wait no longer for a peer that does not tell this world what it has lost. */
  | { readonly do: "give-up"; readonly world: WorldId; readonly by: string }
  /** Write a version and give it to the replicas now. */
  | { readonly do: "heartbeat" }
  /** Say what is known of crossings that no record tells. */
  | { readonly do: "look" };

/** How a running world chases a departure. */
export interface Chased {
  readonly transfer: TransferId;
  readonly asked: number;
  readonly heard: string;
  readonly inMs: number;
  readonly isCancelling: boolean;
}

/** What a running world knows beside its records. */
export interface Look {
  readonly chases: readonly Chased[];
  /** Travellers who were offered to come and have not. */
  readonly expected: readonly { readonly traveller: TravellerId; readonly inMs: number }[];
  readonly silent: readonly { readonly world: WorldId; readonly heard: string }[];
}

/** What came of a heartbeat, and how each replica took it. */
export interface Beat {
  readonly root: ContentId;
  readonly builds: number;
  readonly replicas: readonly { readonly replica: string; readonly fault?: Fault }[];
}

export interface OrderAnswer {
  readonly fault?: Fault;
  readonly look?: Look;
  readonly beat?: Beat;
}

const sentence = text(LIMITS.detailBytes);
const orderSchema: Schema<Order> = choice("do", {
  return: struct({ transfer: transferIdSchema, by: text(64), why: sentence, early: bool }),
  "give-up": struct({ world: worldIdSchema, by: text(64) }),
  heartbeat: struct({}),
  look: struct({}),
});
const lookSchema: Schema<Look> = struct({
  chases: list(
    struct({ transfer: transferIdSchema, asked: uint(), heard: sentence, inMs: uint(), isCancelling: bool }),
    ORDER_LIMITS.listed,
  ),
  expected: list(struct({ traveller: travellerIdSchema, inMs: uint() }), ORDER_LIMITS.listed),
  silent: list(struct({ world: worldIdSchema, heard: sentence }), ORDER_LIMITS.listed),
});
const beatSchema: Schema<Beat> = struct({
  root: contentIdSchema,
  builds: uint(),
  replicas: list(struct({ replica: text(1_024), fault: optional(faultSchema) }), REPLICATION_LIMITS.replicas),
});
const answerSchema: Schema<OrderAnswer> = struct({
  fault: optional(faultSchema),
  look: optional(lookSchema),
  beat: optional(beatSchema),
});
const placedSchema = struct({ untilMs: uint(), order: orderSchema });

const FOLDER = "orders";
const ORDER = /^order-([0-9a-f]{16})\.json$/;
const utf8 = new TextEncoder();

/** Places an order and waits for its answer; undefined when no running world took it in time. It will not be carried out after that. */
export async function placeOrder(dataFolder: string, order: Order): Promise<OrderAnswer | undefined> {
  const folder = join(dataFolder, FOLDER);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const store = fileStore(folder);
  const id = randomBytes(8).toString("hex");
  const untilMs = Date.now() + ORDER_LIMITS.takenMs;
  await store.set(`order-${id}.json`, utf8.encode(JSON.stringify({ untilMs, order })));
  try {
    const answeredMs = order.do === "heartbeat" ? ORDER_LIMITS.beatenMs : ORDER_LIMITS.answeredMs;
    while (Date.now() < untilMs + answeredMs) {
      const answer = await store.get(`answer-${id}.json`);
      if (answer !== undefined) return readAnswer(answer);
      const isTaken = (await store.get(`order-${id}.json`)) === undefined;
      if (!isTaken && Date.now() > untilMs) return undefined;
      await sleep(ORDER_LIMITS.lookMs / 4);
    }
    return undefined;
  } finally {
    await store.delete(`order-${id}.json`);
    await store.delete(`answer-${id}.json`);
  }
}

function readAnswer(bytes: Uint8Array): OrderAnswer {
  const answer = parsed(answerSchema, new TextDecoder().decode(bytes));
  return answer.ok ? answer.value : { fault: answer.fault };
}

function parsed<T>(schema: Schema<T>, source: string): Result<T> {
  try {
    return check(schema, JSON.parse(source), "order");
  } catch {
    return { ok: false, fault: fault("malformed", "client", "This is not JSON.") };
  }
}

/** Takes orders from the data folder of a running world until the returned function is called. */
export function followOrders(
  dataFolder: string,
  carryOut: (order: Order) => Promise<OrderAnswer>,
  report: (problem: string) => void,
): () => void {
  return lookAgain(ORDER_LIMITS.lookMs, () => takeOrders(join(dataFolder, FOLDER), carryOut), report);
}

async function takeOrders(folder: string, carryOut: (order: Order) => Promise<OrderAnswer>): Promise<void> {
  const names = await readdir(folder).catch((problem: NodeJS.ErrnoException) => {
    if (problem.code === "ENOENT") return [];
    throw problem;
  });
  for (const name of names.slice(0, ORDER_LIMITS.waiting)) {
    const id = ORDER.exec(name)?.[1];
    if (id !== undefined) await takeOrder(folder, name, id, carryOut);
    else await removeStale(join(folder, name));
  }
}

async function takeOrder(folder: string, name: string, id: string, carryOut: (order: Order) => Promise<OrderAnswer>): Promise<void> {
  const source = await readFile(join(folder, name), "utf8").catch(() => "");
  // Gone before it is obeyed: whatever ends this process in between, it is not obeyed twice.
  await rm(join(folder, name), { force: true });
  if (source === "" || source.length > ORDER_LIMITS.orderBytes) return;
  const placed = parsed(placedSchema, source);
  if (placed.ok && Date.now() > placed.value.untilMs) return;
  const answer = placed.ok ? await carryOut(placed.value.order) : { fault: placed.fault };
  await fileStore(folder).set(`answer-${id}.json`, utf8.encode(JSON.stringify(answer)));
}

/** Answers that nobody fetched. */
async function removeStale(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found !== undefined && Date.now() - found.mtimeMs > ORDER_LIMITS.staleMs) await rm(file, { force: true });
}
