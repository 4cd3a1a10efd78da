// Takes exact numbers of bytes from a stream that comes in pieces of any size. Never holds more than one piece and what was asked for.

export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array();
  #at = 0;

  constructor(source: ByteSource) {
    this.#pieces = pieces(source)[Symbol.asyncIterator]();
  }

  /** Undefined at the end. */
  async byte(): Promise<number | undefined> {
    return (await this.#fill()) ? this.#piece[this.#at++] : undefined;
  }

  /** So many bytes, or undefined when the stream ends before. `length` is the caller's to bound. */
  async take(length: number): Promise<Uint8Array | undefined> {
    const taken = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      if (!(await this.#fill())) return undefined;
      const part = this.#piece.subarray(this.#at, this.#at + length - at);
      taken.set(part, at);
      at += part.length;
      this.#at += part.length;
    }
    return taken;
  }

  async #fill(): Promise<boolean> {
    while (this.#at === this.#piece.length) {
      const next = await this.#pieces.next();
      if (next.done === true) return false;
      this.#piece = next.value;
      this.#at = 0;
    }
    return true;
  }
}

async function* pieces(source: ByteSource): AsyncGenerator<Uint8Array> {
  yield* source;
}
