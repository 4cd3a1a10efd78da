// What is said to the operator. A log line is an event name and plain fields, so that nothing a stranger sends can forge one:
// as JSON every line break and control character is escaped, and the pretty form goes through the same escaping.

export type LogFields = { readonly [name: string]: string | number | boolean | undefined };
export type LogLevel = "debug" | "info" | "warn" | "error";

export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

const ORDER: { readonly [level in LogLevel]: number } = { debug: 0, info: 1, warn: 2, error: 3 };

function logOver(least: LogLevel, line: (level: LogLevel, event: string, fields: LogFields) => void): Log {
  const at =
    (level: LogLevel) =>
    (event: string, fields: LogFields = {}): void => {
      if (ORDER[level] >= ORDER[least]) line(level, event, fields);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** One JSON object a line: `{"time":"…","level":"info","event":"…",…}`. `write` gets the line without its line break. */
export function jsonLog(write: (line: string) => void, least: LogLevel = "info", now: () => number = Date.now): Log {
  return logOver(least, (level, event, fields) => {
    const head = { time: new Date(now()).toISOString(), level, event };
    // Fields of a caller's own naming do not stand for when and what it was.
    write(JSON.stringify({ ...head, ...fields, ...head }));
  });
}

/** For a person at a terminal: `12:04:31 info  world open  name="Tavern"`. */
export function prettyLog(write: (line: string) => void, least: LogLevel = "info", now: () => number = Date.now): Log {
  return logOver(least, (level, event, fields) => {
    const rest = Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join(" ");
    write(`${new Date(now()).toISOString().slice(11, 19)} ${level.padEnd(5)} ${event}${rest === "" ? "" : `  ${rest}`}`);
  });
}

export const silentLog: Log = logOver("error", () => {});
