// Text within its bounds: what people and strangers write is counted in bytes of UTF-8, as it lies in a frame.

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Whether text has at most so many bytes of UTF-8, and a form in UTF-8 at all. */
export function isTextWithin(text: string, maxBytes: number): boolean {
  return text.isWellFormed() && (text.length * 3 <= maxBytes || (text.length <= maxBytes && encoder.encode(text).length <= maxBytes));
}

/** The longest beginning of a text that has at most so many bytes, cut between characters; lone surrogates become U+FFFD. */
export function clipText(text: string, maxBytes: number): string {
  const whole = text.length > maxBytes ? text.slice(0, maxBytes) : text;
  const formed = whole.isWellFormed() ? whole : whole.toWellFormed();
  if (formed.length * 3 <= maxBytes) return formed;
  const bytes = encoder.encode(formed);
  if (bytes.length <= maxBytes) return formed;
  let end = maxBytes;
  while (((bytes[end] as number) & 0xc0) === 0x80) end -= 1;
  return decoder.decode(bytes.subarray(0, end));
}
