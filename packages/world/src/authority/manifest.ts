// What the world says of itself to whoever comes in.
import { allowedKinds, describePolicy, type ImportPolicy } from "@sojourn/passport";
import {
  check,
  DID_KEY_PATTERN,
  LIMITS,
  type Manifest,
  manifestSchema,
  type Peer,
  type PhysicsConfig,
  valueOf,
  type WorldId,
} from "@sojourn/protocol";
import type { Archive, SubstrateVersion } from "@sojourn/substrate";
import type { Lineage } from "../heirs/lineage.ts";
import type { KindTable } from "../kernel/kinds.ts";
import { type Portal, peerNamed, portalInfo } from "../kernel/portals.ts";
import { cutBytes } from "../kernel/words.ts";
import type { AnyDefinition } from "../options.ts";

export interface ManifestParts {
  readonly world: WorldId;
  readonly name: string;
  readonly definition: AnyDefinition;
  readonly physics: PhysicsConfig;
  readonly kinds: KindTable;
  readonly portals: readonly Portal[];
  readonly version: SubstrateVersion;
  readonly peers: ReadonlyMap<WorldId, Peer>;
  readonly policy: ImportPolicy;
  readonly lineage: Lineage;
}

/** Throws when the parts make no manifest: that is the author's or operator's to mend, before the world opens. */
export function manifestOf(parts: ManifestParts): Manifest {
  const { definition, version, peers, policy, lineage } = parts;
  const { heirs, inherited } = lineage;
  const archive = archiveOf(definition);
  const nameOf = (world: WorldId): string => peers.get(world)?.name ?? world;
  const manifest: Manifest = {
    world: parts.world,
    name: cutBytes(parts.name, 64),
    about: definition.about ?? "",
    substrate: version.root,
    allowedItems: allowedKinds(policy).slice(0, LIMITS.itemKinds),
    physics: parts.physics,
    assets: version.assets.slice(0, LIMITS.assets).map(({ cid, mime, bytes }) => ({ cid, mime, bytes })),
    archive: archive.policy,
    archiveDelayMs: archive.delayMs,
    customs: describePolicy(policy, nameOf)
      .slice(0, 64)
      .map((line) => cutBytes(line, 256)),
    components: [...parts.kinds.components],
    entityKinds: [...parts.kinds.entityKinds],
    itemKinds: [...parts.kinds.itemKinds],
    portals: parts.portals.map((portal) => portalInfo(portal, peers)),
    gateways: ["/"],
    ...(heirs === undefined ? {} : { succession: heirs.bytes }),
    ...(inherited === undefined ? {} : { resumes: inherited.world }),
  };
  return valueOf(check(manifestSchema, manifest, "manifest"));
}

/** What of this world others may keep, as its author says. */
export function archiveOf({ archive, archiveDelayMinutes }: Pick<AnyDefinition, "archive" | "archiveDelayMinutes">): Archive {
  return { policy: archive ?? "builds", delayMs: (archiveDelayMinutes ?? 0) * 60_000 };
}

/** The author's customs, written for peers' names, as the policy by world id. A name nobody is pinned under waits for its peer. */
export function importPolicyOf(definition: Pick<AnyDefinition, "customs" | "quotas">, peers: ReadonlyMap<WorldId, Peer>): ImportPolicy {
  const byWorld = <T>(named: { readonly [name: string]: T }): { [world: WorldId]: T } => {
    const found: { [world: WorldId]: T } = {};
    for (const [name, value] of Object.entries(named)) {
      // A quota on a world that is not pinned still holds by its id: its things may come by way of others.
      const world = name === "*" || DID_KEY_PATTERN.test(name) ? name : peerNamed(peers, name)?.world;
      if (world !== undefined) found[world] = value;
    }
    return found;
  };
  return { origins: byWorld(definition.customs ?? {}), quotas: byWorld(definition.quotas ?? {}) };
}
