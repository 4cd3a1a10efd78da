// Words that strangers send, made fit to be shown to others: one spelling (NFC), nothing that cannot be seen or that turns text around,
// cut to a number of bytes at a character's edge.

/**
 * Control characters, line and paragraph separators, marks that reorder text (U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069,
 * U+061C), zero-width characters but the joiner that emoji and some scripts need, the byte-order mark, and tag characters.
 */
const UNSEEN =
  /[\p{Cc}\u2028\u2029\u061c\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Cs}|\p{Co}/gu;
/** More marks on one letter than any script needs. */
const STACKED = /(\p{M}{4})\p{M}+/gu;

const utf8 = new TextEncoder();

/** Fit to show, at most `maxBytes` of UTF-8; "" when nothing is left. */
export function shownWords(words: string, maxBytes: number): string {
  const clean = words.toWellFormed().normalize("NFC").replace(UNSEEN, " ").replace(STACKED, "$1").replace(/\s+/gu, " ").trim();
  return cutBytes(clean, maxBytes).trim();
}

export function cutBytes(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes || utf8.encode(text).length <= maxBytes) return text;
  let kept = "";
  let bytes = 0;
  for (const character of text) {
    bytes += utf8.encode(character).length;
    if (bytes > maxBytes) break;
    kept += character;
  }
  return kept;
}
