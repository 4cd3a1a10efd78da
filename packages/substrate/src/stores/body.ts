// Bodies of answers from strangers: read up to a limit and not one byte further, whatever length they state.

/** The body's bytes, or undefined when it is longer than `limit`: what comes after is never read. */
export async function readBody(response: Response, limit: number): Promise<Uint8Array | undefined> {
  const stated = Number(response.headers.get("content-length") ?? 0);
  if (stated > limit || response.body === null) {
    await response.body?.cancel();
    return response.body === null ? new Uint8Array() : undefined;
  }
  const reader = response.body.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.length;
    if (length > limit) {
      await reader.cancel();
      return undefined;
    }
    parts.push(part.value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
