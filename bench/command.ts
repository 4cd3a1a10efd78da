// What a benchmark's command is: a name, options that explain themselves, and a run whose outcome is printed as the last line.
import { parseArgs } from "node:util";

export interface Option {
  readonly type: "string" | "boolean";
  readonly default?: string | boolean;
  readonly about: string;
}

export type Values = { readonly [name: string]: string | boolean | undefined };

export interface Command {
  readonly name: string;
  readonly about: string;
  readonly options: { readonly [name: string]: Option };
  /** Lines of explanation for `--help`. */
  readonly more: readonly string[];
  /** `isJson`: nothing but the last line, which the caller prints, goes to stdout. */
  readonly run: (values: Values, isJson: boolean, commandLine: string) => Promise<object>;
}

/** A wrong use of the command, said in a sentence. */
export class Misuse extends Error {}

const EVERYWHERE: { readonly [name: string]: Option } = {
  json: { type: "boolean", default: false, about: "print figures as JSON alone; they are the last line in any case" },
  keep: { type: "boolean", default: false, about: "add the figures to bench/results" },
  help: { type: "boolean", default: false, about: "say this" },
};

export function valuesOf(command: Command, args: readonly string[]): Values {
  const options = { ...command.options, ...EVERYWHERE };
  const described = Object.fromEntries(
    Object.entries(options).map(([name, { type, default: given }]) => [name, { type, ...(given === undefined ? {} : { default: given }) }]),
  );
  try {
    return parseArgs({ args: [...args], options: described }).values as Values;
  } catch (error) {
    throw new Misuse(error instanceof Error ? error.message : String(error));
  }
}

export function helpOf(command: Command): string {
  const lines = Object.entries({ ...command.options, ...EVERYWHERE }).map(([name, { type, default: given, about }]) => {
    const isNamed = typeof given === "string" && given !== "";
    return `  --${`${name}${type === "string" ? " …" : ""}`.padEnd(14)} ${about}${isNamed ? ` (${given})` : ""}`;
  });
  return [`npm run -s bench -- ${command.name} [options]`, `  ${command.about}`, "", ...lines, "", ...command.more].join("\n");
}

export function choice<T>(option: string, value: string, named: (value: string) => T | undefined): T {
  const found = named(value);
  if (found === undefined) throw new Misuse(`--${option}: there is no ${value}`);
  return found;
}

/** A number above 0. */
export function numberOf(option: string, value: string | boolean | undefined): number {
  const number = Number(value);
  if (!(number > 0)) throw new Misuse(`--${option}: ${String(value)} is no number above 0`);
  return number;
}
