// The keys of one simulated world, as its operator keeps them: the identity key apart, one key that signs, and the newest statement.
// They outlive every end of the process. A key that was stolen is revoked; the thief keeps it.
import { CUSTODY, type ListedKey, type Notary } from "@sojourn/protocol";

/** Keys a statement still lists beside the one that signs; older ones are dropped from it. */
const WITHDRAWN = 6;

/** A revoked key in a thief's hands, and the statement from which on it counts nowhere. */
export interface Stolen {
  readonly notary: Notary;
  readonly version: number;
}

export class KeyRing {
  notary: Notary;
  version = 0;
  statement: string | undefined;
  readonly stolen: Stolen[] = [];
  readonly #identity: Notary;
  readonly #make: (key: number) => Notary;
  #withdrawn: readonly ListedKey[] = [];

  /** `make(0)` is the notary of the identity key. */
  constructor(make: (key: number) => Notary) {
    this.#make = make;
    this.#identity = make(0);
    this.notary = this.#identity;
  }

  /** Another key signs from now on. The one before is retired in good order, or revoked because somebody has it. */
  change(how: "retired" | "revoked", wallMs: number): string {
    // A thief with the identity key would be the world itself: that one is never stolen here, and a gap in the versions is as good as none.
    if (how === "revoked" && this.notary.kid === this.#identity.kid) this.change("retired", wallMs);
    const before: ListedKey =
      how === "revoked" ? { key: this.notary.kid, revoked: true } : { key: this.notary.kid, until: wallMs + CUSTODY.retireMs };
    this.version += 1;
    if (how === "revoked") this.stolen.push({ notary: this.notary, version: this.version });
    this.#withdrawn = [before, ...this.#withdrawn].slice(0, WITHDRAWN);
    this.notary = this.#make(this.version);
    const keys = [{ key: this.notary.kid }, ...this.#withdrawn];
    this.statement = this.#identity.sign({ typ: "keys", iss: this.#identity.world, iat: wallMs, version: this.version, keys });
    return this.statement;
  }

  /** A key that no statement ever listed, in this world's name. */
  stranger(): Notary {
    return this.#make(STRANGER);
  }
}

const STRANGER = 1_000_000;
