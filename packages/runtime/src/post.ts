// One bounded question to another world over HTTP: no redirects, a deadline for the whole exchange, and an answer that is cut off at
// the first byte too many. What comes back is text to be judged, never followed.
import { fail, LIMITS, ok, type Result } from "@sojourn/protocol";
import { HTTP_LIMITS } from "./limits.ts";

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export interface AskOptions {
  readonly method?: "GET" | "POST";
  readonly body?: string;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

/** Asks `url`. Every failure of the network or the other side is a fault with blame `peer`; it never throws. */
export async function ask(url: string, options: AskOptions = {}): Promise<Result<Answer>> {
  const maxBytes = options.maxBytes ?? HTTP_LIMITS.answerBytes;
  const deadline = AbortSignal.timeout(options.timeoutMs ?? HTTP_LIMITS.postMs);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
  if (url.length > LIMITS.urlBytes + 256) return fail("destination-down", "peer", "the address is too long");
  try {
    const response = await fetch(url, {
      method: options.method ?? "GET",
      redirect: "error",
      signal,
      ...(options.body === undefined ? {} : { body: options.body, headers: { "content-type": "text/plain; charset=utf-8" } }),
    });
    const text = await boundedText(response, maxBytes);
    if (text === undefined) return fail("oversized", "peer", `the answer is longer than ${maxBytes} bytes`);
    return ok({ status: response.status, text });
  } catch (error) {
    const late = deadline.aborted;
    return fail("destination-down", "peer", late ? "no answer in time" : `not reachable (${reasonOf(error)})`, 1_000);
  }
}

async function boundedText(response: Response, maxBytes: number): Promise<string | undefined> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.length;
    if (bytes > maxBytes) {
      await reader.cancel().catch(() => {});
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const cause = error.cause;
  if (cause instanceof Error && "code" in cause && typeof cause.code === "string") return cause.code;
  return cause instanceof Error ? cause.message.slice(0, 80) : error.message.slice(0, 80);
}
