// `sojourn proofs`: double spends that a world has proven, to show to anybody; and whether a proof that somebody shows is one.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { openToken } from "@sojourn/passport";
import { nodeEd25519 } from "@sojourn/passport/node";
import { CUSTODY, type DoubleSpend, FaultError, fault, LIMITS, valueOf, verifyDoubleSpend } from "@sojourn/protocol";
import { readProofs } from "@sojourn/world";
import type { Command } from "commander";
import { result, run } from "../output.ts";

/** A file of proofs is no longer than all that a world keeps. */
const FILE_BYTES = CUSTODY.proofs * CUSTODY.statementBytes * 3;

export function proofsCommand(program: Command): void {
  const proofs = program
    .command("proofs")
    .description("double spends that your world has proven")
    .option("--data <folder>", "the data folder of your world")
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      `
A proof is two links signed by one world, which let one thing go twice. It convinces anybody, without your word and
without a network. The journal is read; the world may be running.

  sojourn proofs --data .sojourn/tavern                       what was proven
  sojourn proofs --data .sojourn/tavern --json > proofs.json  to show to others
  sojourn proofs verify proofs.json                           what others show you`,
    )
    .action((options: { data?: string; json?: boolean }) => run(options.json === true, () => list(options)));
  proofs
    .command("verify")
    .argument("<file>", 'a JSON file: { "first", "second" }, or what sojourn proofs --json printed')
    .option("--json", "print one JSON object")
    .description("check proofs by their signatures alone")
    .action((file: string, _options: object, command: Command) => {
      const { json } = command.optsWithGlobals<{ json?: boolean }>();
      return run(json === true, () => verify(file, json === true));
    });
}

async function list({ data, json }: { data?: string; json?: boolean }): Promise<void> {
  if (data === undefined) throw new FaultError(fault("malformed", "client", "name your world's data folder with --data"));
  const proofs = readProofs(resolve(data));
  result(json === true, { proofs }, proofs.length === 0 ? "No double spend is proven here." : proofs.map(told).join("\n"));
}

async function verify(file: string, json: boolean): Promise<void> {
  const shown = await shownIn(file);
  const verified = shown.map((one) => valueOf(verifyDoubleSpend((token) => openToken(token, nodeEd25519), one)));
  const proofs = verified.map(({ links: [first, second], ...spend }) => ({ ...spend, links: [first, second] }));
  result(
    json,
    { proofs, verified: proofs.length },
    proofs.map(({ links: [a, b], ...spend }) => `${told(spend)}\n  to ${a?.to}\n  to ${b?.to}`).join("\n"),
  );
}

function told({ item, hop, signer }: Pick<DoubleSpend, "item" | "hop" | "signer">): string {
  return `${signer} gave ${item} away twice, at hop ${hop}`;
}

type Shown = Pick<DoubleSpend, "first" | "second" | "keys">;

async function shownIn(file: string): Promise<readonly Shown[]> {
  const text = await readFile(file, "utf8");
  const parsed = text.length > FILE_BYTES ? undefined : parse(text);
  const shown = isShown(parsed) ? [parsed] : (parsed as { proofs?: unknown } | undefined)?.proofs;
  if (!Array.isArray(shown) || shown.length === 0 || !shown.every(isShown))
    throw new FaultError(fault("malformed", "client", `${file} holds no proof: two signed links, "first" and "second"`));
  return shown;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isShown(value: unknown): value is Shown {
  if (typeof value !== "object" || value === null) return false;
  const { first, second, keys = [] } = value as Partial<Shown>;
  return Array.isArray(keys) && [first, second, ...keys].every((token) => typeof token === "string" && token.length <= LIMITS.tokenBytes);
}
