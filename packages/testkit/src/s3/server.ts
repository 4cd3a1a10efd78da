// An S3 service inside the process, for tests and drills: signatures checked, conditions kept, lists paged, and troubles on
// demand. It listens on loopback only and holds everything in memory. The real suite runs the same tests against Ceph's.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answerBucket, type Bucket, type BucketAnswer, refusalOf } from "./bucket.ts";
import { type S3Keys, signatureProblem } from "./signature.ts";

/**
 * A trouble that the next fitting requests meet.
 * - `refuse`: answered with this status and code, and not done (503 SlowDown, 409 ConditionalRequestConflict, 507 …).
 * - `silent`: never answered, and not done.
 * - `done-silent`: done, and never answered.
 * - `done-refuse`: done, and answered with a failure.
 * - `cut`: done, and the connection breaks in the middle of the answer's body.
 * - `slow`: answered after this time.
 */
export interface S3Trouble {
  readonly kind: "refuse" | "silent" | "done-silent" | "done-refuse" | "cut" | "slow";
  readonly status?: number;
  readonly code?: string;
  readonly ms?: number;
  /** How many requests meet it; default 1. */
  readonly times?: number;
  /** Which requests: `PUT` or `GET …`; default all. */
  readonly method?: string;
  readonly key?: (key: string) => boolean;
}

export interface TestS3Options {
  readonly buckets?: readonly string[];
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly region?: string;
  /** Names in one page of a list; default 1,000 as S3 has. */
  readonly pageKeys?: number;
  /** False: a service that takes conditions and forgets them, as some do. */
  readonly hasConditions?: boolean;
}

export interface TestS3 {
  readonly endpoint: string;
  /** What `openS3` wants, for one of its buckets. */
  options(bucket: string): { endpoint: string; bucket: string; accessKeyId: string; secretAccessKey: string; region: string };
  /** To look at, and to damage, behind the service's back. */
  readonly buckets: Map<string, Bucket>;
  /** `PUT /bucket/key` of every request with a good signature, in order. */
  readonly requests: string[];
  /** Requests that were refused for their signature. */
  readonly unsigned: string[];
  trouble(trouble: S3Trouble): void;
  /** Ends it and every connection, as a crash would; `buckets` can be handed to another. */
  close(): Promise<void>;
}

export async function startTestS3(options: TestS3Options = {}): Promise<TestS3> {
  const keys: S3Keys = {
    accessKeyId: options.accessKeyId ?? "TESTKEY",
    secretAccessKey: options.secretAccessKey ?? "test-secret",
    region: options.region ?? "us-east-1",
  };
  const service = new Service(keys, options);
  const server = createServer((request, response) => void service.serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint,
    options: (bucket) => ({ endpoint, bucket, ...keys }),
    buckets: service.buckets,
    requests: service.requests,
    unsigned: service.unsigned,
    trouble: (trouble) => void service.troubles.push({ trouble, left: trouble.times ?? 1 }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

class Service {
  readonly buckets = new Map<string, Bucket>();
  readonly requests: string[] = [];
  readonly unsigned: string[] = [];
  readonly troubles: { readonly trouble: S3Trouble; left: number }[] = [];
  readonly #keys: S3Keys;
  readonly #pageKeys: number;
  readonly #hasConditions: boolean;

  constructor(keys: S3Keys, options: TestS3Options) {
    this.#keys = keys;
    this.#pageKeys = options.pageKeys ?? 1_000;
    this.#hasConditions = options.hasConditions ?? true;
    for (const name of options.buckets ?? ["worlds"]) this.buckets.set(name, new Map());
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    if (body === undefined) return;
    const { method = "GET", url: target = "/", headers } = request;
    const problem = signatureProblem({ method, target, headers, body }, this.#keys, Date.now());
    if (problem !== undefined) {
      this.unsigned.push(`${method} ${target}: ${problem}`);
      return send(response, refusalOf(problem === "XAmzContentSHA256Mismatch" ? 400 : 403, problem), method);
    }
    this.requests.push(`${method} ${target}`);
    const [path = "", query = ""] = target.split("?", 2);
    const [, bucketName = "", ...rest] = path.split("/").map(decodeURIComponent);
    const key = rest.join("/");
    const trouble = this.#nextTrouble(method, key);
    if (trouble?.kind === "refuse") return send(response, refusalOf(trouble.status ?? 503, trouble.code ?? "SlowDown"), method);
    if (trouble?.kind === "silent") return;
    const header = (name: string): string | undefined => headers[name] as string | undefined;
    const asked = {
      method,
      key,
      query: new URLSearchParams(query),
      ifMatch: header("if-match"),
      ifNoneMatch: header("if-none-match"),
      body,
    };
    const answer = this.#answer(bucketName, asked);
    if (trouble?.kind === "done-silent") return;
    if (trouble?.kind === "done-refuse") return send(response, refusalOf(trouble.status ?? 500, trouble.code ?? "InternalError"), method);
    if (trouble?.kind === "slow") await new Promise((resolve) => setTimeout(resolve, trouble.ms ?? 100));
    send(response, answer, method, trouble?.kind === "cut");
  }

  #answer(bucketName: string, asked: Parameters<typeof answerBucket>[1]): BucketAnswer {
    const bucket = this.buckets.get(bucketName);
    if (bucket === undefined) {
      if (asked.method !== "PUT" || asked.key !== "") return refusalOf(404, "NoSuchBucket");
      this.buckets.set(bucketName, new Map());
      return { status: 200, headers: {}, body: "" };
    }
    if (asked.method === "PUT" && asked.key === "") return refusalOf(409, "BucketAlreadyOwnedByYou");
    return answerBucket(bucket, asked, this.#pageKeys, this.#hasConditions);
  }

  #nextTrouble(method: string, key: string): S3Trouble | undefined {
    const at = this.troubles.findIndex(({ trouble }) => (trouble.method ?? method) === method && (trouble.key?.(key) ?? true));
    const found = this.troubles[at];
    if (found === undefined) return undefined;
    found.left -= 1;
    if (found.left === 0) this.troubles.splice(at, 1);
    return found.trouble;
  }
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const parts: Buffer[] = [];
  try {
    for await (const part of request) parts.push(part as Buffer);
  } catch {
    return undefined;
  }
  return Buffer.concat(parts);
}

function send(response: ServerResponse, { status, headers, body }: BucketAnswer, method: string, isCut = false): void {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  response.writeHead(status, status === 204 ? headers : { ...headers, "content-length": String(bytes.length) });
  if (!isCut) return void response.end(method === "HEAD" ? undefined : bytes);
  response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
}
