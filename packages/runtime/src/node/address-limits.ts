// What one network address may take of a server: sockets, links, handshakes a second. Loopback is the operator's own machine.
import { SERVER_LIMITS } from "../limits.ts";

export interface AddressBounds {
  readonly socketsPerAddress: number;
  readonly linksPerAddress: number;
  readonly handshakesPerSecond: number;
  readonly handshakeBurst: number;
}

interface Holding {
  sockets: number;
  links: number;
  tokens: number;
  refilledAtMs: number;
}

export class AddressLimits {
  readonly #bounds: AddressBounds;
  readonly #held = new Map<string, Holding>();

  constructor(bounds: AddressBounds) {
    this.#bounds = bounds;
  }

  get addresses(): number {
    return this.#held.size;
  }

  /** Counts a socket; false when this address has its share. Call {@link dropSocket} for every true. */
  takeSocket(address: string, nowMs: number): boolean {
    if (isLoopback(address)) return true;
    const held = this.#of(address, nowMs);
    if (held === undefined || held.sockets >= this.#bounds.socketsPerAddress) return false;
    held.sockets += 1;
    return true;
  }

  dropSocket(address: string): void {
    const held = this.#held.get(address);
    if (held !== undefined) held.sockets -= 1;
  }

  /** Counts a handshake and the link it makes; false when this address has its share or is too fast. */
  takeLink(address: string, nowMs: number): boolean {
    if (isLoopback(address)) return true;
    const held = this.#of(address, nowMs);
    if (held === undefined || held.links >= this.#bounds.linksPerAddress) return false;
    const gained = ((nowMs - held.refilledAtMs) / 1_000) * this.#bounds.handshakesPerSecond;
    held.tokens = Math.min(this.#bounds.handshakeBurst, held.tokens + gained);
    held.refilledAtMs = nowMs;
    if (held.tokens < 1) return false;
    held.tokens -= 1;
    held.links += 1;
    return true;
  }

  dropLink(address: string): void {
    const held = this.#held.get(address);
    if (held !== undefined) held.links -= 1;
  }

  #of(address: string, nowMs: number): Holding | undefined {
    const known = this.#held.get(address);
    if (known !== undefined) return known;
    if (this.#held.size >= SERVER_LIMITS.addressesRemembered) this.#forgetIdle(nowMs);
    if (this.#held.size >= SERVER_LIMITS.addressesRemembered) return undefined;
    const fresh = { sockets: 0, links: 0, tokens: this.#bounds.handshakeBurst, refilledAtMs: nowMs };
    this.#held.set(address, fresh);
    return fresh;
  }

  /** An address without sockets whose bucket is full again is as good as unknown. */
  #forgetIdle(nowMs: number): void {
    const fullAfterMs = (this.#bounds.handshakeBurst / this.#bounds.handshakesPerSecond) * 1_000;
    for (const [address, held] of this.#held) {
      if (held.sockets <= 0 && held.links <= 0 && nowMs - held.refilledAtMs >= fullAfterMs) this.#held.delete(address);
    }
  }
}

export function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.") || address.startsWith("::ffff:127.");
}
