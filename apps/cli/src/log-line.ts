// A world process's log line, for a person who watches several worlds at one terminal. Pure.

const QUIET: ReadonlySet<string> = new Set(["debug", "info"]);
const KEPT_APART: ReadonlySet<string> = new Set(["time", "level", "event"]);

/**
 * A JSON log line as `event: name value, …`; undefined for what only the operator's log needs (info and below).
 * What is no JSON log line, such as a process's last words, comes back as it is.
 */
export function spokenLine(line: string): string | undefined {
  const fields = parsed(line);
  if (fields === undefined || typeof fields.event !== "string") return line;
  if (QUIET.has(String(fields.level))) return undefined;
  const rest = Object.entries(fields).filter(([name]) => !KEPT_APART.has(name));
  return rest.length === 0 ? fields.event : `${fields.event}: ${rest.map(([name, value]) => `${name} ${String(value)}`).join(", ")}`;
}

function parsed(line: string): { readonly [name: string]: unknown } | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as { readonly [name: string]: unknown }) : undefined;
  } catch {
    return undefined;
  }
}
