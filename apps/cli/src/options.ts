// Reading of option values: what cannot be is refused with what can.
import { worldAddress } from "@sojourn/client";
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
