// A world's own keys and its journal. Law: the statement is a record before anything is signed by a key that only it lists, and a folder
// that is older than the journal does not speak for the world.
import { compareStatement, type Fault, type KnownKeys } from "@sojourn/protocol";
import { JournalFailure } from "@sojourn/runtime";
import type { Ledger } from "../kernel/ledger.ts";
import type { Core } from "./core.ts";
import { toBorder } from "./crossing.ts";
import { SIGNING_FILE, type WorldKeys } from "./identity.ts";

/** When a world opens: writes down what its folder states. Throws a {@link JournalFailure} when the journal knows better. */
export function claimKeys(ledger: Ledger, { world, stated }: WorldKeys): void {
  const known = ledger.custody.keys.get(world);
  if (stated === undefined) {
    if (known !== undefined) throw behind(known, `${SIGNING_FILE} is not there`);
    return;
  }
  const { token, statement } = stated;
  const standing = compareStatement(known, statement, token);
  if (known !== undefined && (standing === "older" || standing === "other"))
    throw behind(known, `${SIGNING_FILE} holds ${standing === "older" ? "version" : "another version"} ${statement.version}`);
  if (standing === "newer") ledger.write({ r: "keys", world, version: statement.version, token, keys: statement.keys });
}

function behind({ version }: KnownKeys, found: string): JournalFailure {
  return new JournalFailure(
    `this world has stated its keys, its journal knows version ${version}, and ${found}; put back the newer file, or make a newer ` +
      `statement: sojourn key rotate --after ${version}`,
  );
}

/** In a turn of the world: from now on these keys sign. A fault when they are not newer. */
export function useKeys(core: Core, keys: WorldKeys): Fault | undefined {
  if (keys.stated === undefined || keys.stated.token === core.keys.stated?.token) return undefined;
  const { fault } = toBorder(core, { in: "keys", token: keys.stated.token });
  if (fault === undefined) core.keys = keys;
  return fault;
}
