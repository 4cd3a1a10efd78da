// Reading of option values: what cannot be is refused with what can.
import { worldAddress } from "@sojourn/client";
import { readPlace } from "@sojourn/world";
import { InvalidArgumentError } from "commander";

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max) throw new InvalidArgumentError(`a whole number from ${min} to ${max}`);
    return value;
  };
}

/** An address that others can follow: http or https, said in full. */
export function httpUrl(text: string): string {
  const address = /^https?:\/\//i.test(text) ? worldAddress(text) : undefined;
  if (address?.ok !== true) throw new InvalidArgumentError("an address such as https://world.example");
  return address.value.base;
}

/** A replica as `kind:place`; may be named any number of times. */
export function replicaPlace(text: string, before: readonly string[] = []): readonly string[] {
  const place = readPlace(text);
  if (!place.ok) throw new InvalidArgumentError(place.fault.detail);
  return [...before, text];
}

/** A replica to read from, a plain web address included. */
export function replicaSource(text: string): string {
  const place = readPlace(text);
  if (!place.ok) throw new InvalidArgumentError(place.fault.detail);
  return text;
}

/** Seconds with a fraction, from 0 to `max`. */
export function seconds(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !(value >= 0 && value <= max)) throw new InvalidArgumentError(`seconds from 0 to ${max}`);
    return value;
  };
}

const UNITS: { readonly [unit: string]: number } = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A span of time with its unit, as milliseconds: 14d, 36h, 90m, 30s. */
export function span(text: string): number {
  const [, count = "", unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const ms = Number(count) * (UNITS[unit] ?? Number.NaN);
  if (!(ms > 0)) throw new InvalidArgumentError("a span of time such as 14d, 36h, 90m or 30s");
  return ms;
}
