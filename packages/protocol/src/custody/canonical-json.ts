// One spelling for each JSON value: keys in code-unit order, no spaces, numbers and strings as ECMAScript writes them.
// A reader accepts only this spelling (it writes the value again and compares), so two readers never see two meanings.
import { fail, ok, type Result } from "../fault.ts";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Fields that are undefined are left out. Numbers must be finite; a bug in the caller throws. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const map = value as { readonly [key: string]: Json | undefined };
    const fields: string[] = [];
    for (const key of Object.keys(map).sort()) {
      const field = map[key];
      if (field !== undefined) fields.push(`${JSON.stringify(key)}:${canonicalJson(field)}`);
    }
    return `{${fields.join(",")}}`;
  }
  if (typeof value === "number" && !Number.isFinite(value)) throw new Error("JSON has no such number");
  return JSON.stringify(value);
}

/** Parses JSON; whether it is the canonical spelling is told by writing the checked value again. Never throws. */
export function parseJson(text: string): Result<unknown> {
  try {
    return ok(JSON.parse(text));
  } catch {
    return fail("malformed", "client", "this is not JSON");
  }
}
