// Opens a world: its key, its journal, its ground, its doors; and keeps its beat until it is closed.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { quotasFor, rule, signCard } from "@sojourn/passport";
import { nodeEd25519 } from "@sojourn/passport/node";
import { type BorderContext, type Fault, openDesk, type Peer, type WorldId } from "@sojourn/protocol";
import { type Journal, JournalFailure, randomBytes, silentLog, systemClock } from "@sojourn/runtime";
import { listen } from "@sojourn/runtime/node";
import { type BlockStore, isAddress, tieredStore } from "@sojourn/substrate";
import { directoryStore } from "@sojourn/substrate/node";
import { defaultWorld, inheritedWorld } from "./author/default-world.ts";
import { checkDefinition, DEFAULT_HEALTH, DEFAULT_PHYSICS } from "./author/define.ts";
import { giveMoments } from "./author/facade.ts";
import { freePlaces } from "./authority/admission.ts";
import { Authority } from "./authority/authority.ts";
import { banOf, readBans } from "./authority/bans.ts";
import { Births } from "./authority/births.ts";
import type { Core } from "./authority/core.ts";
import { liveBody } from "./authority/crossing.ts";
import { BLOCKS_FOLDER, openGround } from "./authority/ground-truth.ts";
import { Headroom } from "./authority/headroom.ts";
import { httpHandler } from "./authority/http.ts";
import { shownKeys, worldKeys } from "./authority/identity.ts";
import { archiveOf, importPolicyOf, manifestOf } from "./authority/manifest.ts";
import { MeetingPlace, SWARM_PATH } from "./authority/meeting-place.ts";
import { claimKeys } from "./authority/own-keys.ts";
import { keepPeers, peerMap, readPeers, withPeer } from "./authority/peers.ts";
import { populate } from "./authority/populate.ts";
import { warnOfSprites } from "./authority/sprites.ts";
import { inheritedReplica } from "./heirs/inherited.ts";
import { openLineage } from "./heirs/lineage.ts";
import { BOTH_WAYS, beginToAsk, hasBegunAmnesia, openWhatIsLeft } from "./kernel/amnesia.ts";
import { WORLD_FACT } from "./kernel/checkpoints.ts";
import { Ground } from "./kernel/ground.ts";
import { kindTable } from "./kernel/kinds.ts";
import { JOURNAL_FOLDER, Ledger, openJournal } from "./kernel/ledger.ts";
import { peerNamed, portalsOf } from "./kernel/portals.ts";
import { Stage } from "./kernel/stage.ts";
import { WORLD_LIMITS } from "./limits.ts";
import { Mesh } from "./mesh/mesh.ts";
import type { AnyDefinition, Openable, OpenOptions, PeerEntry, RunningWorld } from "./options.ts";
import { openReplication } from "./replication/open-replication.ts";
import { type Doors, type Opening, Running } from "./running.ts";

/**
 * Opens a world and begins its tick. Rejects with an Error that says what to do: the map cannot be read or shown, the definition is
 * wrong, the journal was altered or belongs to a running process, the port is taken.
 */
export async function openWorld(openable: Openable, options: OpenOptions): Promise<RunningWorld> {
  const definition = definitionOf(openable);
  checkDefinition(options.name === undefined ? definition : { ...definition, name: options.name });
  await mkdir(options.dataFolder, { recursive: true, mode: 0o700 });
  const keys = await worldKeys(options.dataFolder);
  const log = options.log ?? silentLog;
  const openIt = (): Journal => openJournal(options.dataFolder, { log }, options.openJournal);
  const isAmnesiac = options.amnesia === true || (await hasBegunAmnesia(options.dataFolder));
  const journal = await openWhatIsLeft(openIt, options.dataFolder, isAmnesiac, log);
  try {
    const ledger = new Ledger(journal, keys.world, systemClock.now);
    const lineage = await openLineage(options, keys, ledger.epoch, log);
    return await openOn({ definition, options: { ...options, amnesia: isAmnesiac }, keys, ledger, lineage, clock: systemClock, log });
  } catch (error) {
    journal.close();
    throw error;
  }
}

function definitionOf(openable: Openable): AnyDefinition {
  if ("inherited" in openable) return inheritedWorld(openable.inherited as string);
  return "mapFile" in openable ? defaultWorld(openable.mapFile, openable.name) : (openable as unknown as AnyDefinition);
}

/** A journal belongs to one key for good, and a world that has lived does not begin again without its journal. */
async function claimJournal(ledger: Ledger, world: WorldId, store: BlockStore, options: OpenOptions): Promise<void> {
  // Whose journal it is was checked when it was read.
  if (ledger.custody.facts.has(WORLD_FACT)) {
    beginEpoch(ledger);
    return;
  }
  // Blocks are only written after the journal was begun.
  for await (const _block of store.list?.() ?? []) {
    if (options.amnesia === true) break;
    throw new JournalFailure(
      `a world has lived in ${options.dataFolder}, but its ${JOURNAL_FOLDER} is not there, and in it was who is here and what they carry; ` +
        `${BOTH_WAYS}; or begin another world with another --data`,
    );
  }
  ledger.write({ r: "world", key: WORLD_FACT, value: world });
  beginEpoch(ledger);
}

/** Every opening is an epoch of its own; what is written from here on was written in it. */
function beginEpoch(ledger: Ledger): void {
  if (ledger.epoch > ledger.custody.epoch) ledger.write({ r: "epoch", n: ledger.epoch });
  ledger.commit();
}

async function openOn(opening: Opening): Promise<RunningWorld> {
  const { definition, options, keys, ledger, lineage, log } = opening;
  const { inherited } = lineage;
  const name = options.name ?? definition.name;
  const store = directoryStore(join(options.dataFolder, BLOCKS_FOLDER), { name: "the world's blocks" });
  await claimJournal(ledger, keys.world, store, options);
  claimKeys(ledger, keys);
  const kept = await pinned(options);
  if (options.amnesia === true)
    await beginToAsk(
      ledger,
      options.dataFolder,
      kept.map((peer) => peer.world),
    );
  const land = inherited && { root: inherited.root, from: inheritedReplica(options.dataFolder).blocks };
  const view = await openGround(definition.map, store, ledger, log, land);
  const peers = peerMap(kept, keys.world);

  const voice: Voiced = { authority: undefined };
  const stage = makeStage(opening, name, new Ground(view, { ...DEFAULT_PHYSICS, ...definition.physics }), peers, voice);
  warnOfSprites(definition, view.version, opening.log);
  const core = makeCore(opening, name, stage, peers);
  core.bans = await readBans(options.dataFolder);
  populate(stage);
  ledger.commit();
  const archive = archiveOf(definition);
  // An heir is asked for what it goes on with, and gives it without keeping anything of its neighbours.
  const own = inherited === undefined ? [keys.world] : [keys.world, inherited.world];
  const mesh =
    options.mesh === undefined && inherited === undefined
      ? undefined
      : new Mesh(options.dataFolder, own, () => [...core.peers.values()], options.mesh ?? {}, log);
  const doors = await openDoors(opening, core, store, voice, mesh);
  let running: Running | undefined;
  try {
    const replicas = await openReplication({
      ...{ options, keys, ledger, clock: opening.clock, log, tick: () => core.stage.tick, archive, ...lineage },
      ...{ at: inherited && addressOf(doors.url), onSuperseded: (why: Fault) => running?.yield(why) },
    });
    running = new Running(opening, { name, core, store, kept, replicas, mesh, ...doors });
    return running.start();
  } catch (error) {
    doors.meeting.close();
    await doors.server.close();
    throw error;
  }
}

/** As others are told of it; undefined when it has no spelling that they would take. */
function addressOf(url: string): string | undefined {
  const { origin, pathname } = new URL(url);
  const address = `${origin}${pathname.replace(/\/$/, "")}`;
  return isAddress(address) ? address : undefined;
}

async function pinned({ dataFolder, peers = [] }: OpenOptions): Promise<readonly PeerEntry[]> {
  let kept = await readPeers(dataFolder);
  for (const peer of peers) kept = withPeer(kept, peer);
  if (peers.length > 0) await keepPeers(dataFolder, kept);
  return kept;
}

type Voiced = { authority: Authority | undefined };

function makeStage(opening: Opening, name: string, ground: Ground, peers: ReadonlyMap<WorldId, Peer>, voice: Voiced): Stage {
  const { definition, ledger, clock, log } = opening;
  const physics = { ...DEFAULT_PHYSICS, ...definition.physics };
  const stage = new Stage({
    definition,
    name,
    physics,
    fullHealth: definition.health ?? DEFAULT_HEALTH,
    kinds: kindTable(definition, physics),
    ledger,
    ground,
    portals: portalsOf(ground.zones, definition.portals ?? {}),
    isLeading: (portal) => peerNamed(peers, portal.to) !== undefined,
    voice: {
      tell: (traveller, message) => voice.authority?.tell(traveller, message),
      tellAll: (message) => voice.authority?.tellAll(message),
    },
    log,
    firstTick: ground.view.version.tick,
    monotonic: clock.monotonic,
    seed: Buffer.from(randomBytes(4)).readInt32LE(),
  });
  giveMoments(stage);
  return stage;
}

function makeCore(opening: Opening, name: string, stage: Stage, peers: Map<WorldId, Peer>): Core {
  const { definition, keys, ledger, clock, log } = opening;
  const policy = (): ReturnType<typeof importPolicyOf> => importPolicyOf(definition, peers);
  const { physics, kinds, ground } = stage.options;
  const border: BorderContext = {
    get notary() {
      return core.keys.notary;
    },
    peers,
    policy: {
      customs: (origin, items, body) => rule(policy(), origin, items, body),
      quotas: (world) => quotasFor(policy(), world),
      room: () => (core.headroom.takesOffers ? freePlaces(core) : 0),
      isBanned: (traveller, home) => banOf(core.bans, traveller, home),
      whyShut: () => (!core.isOpen ? "closing" : ledger.hasRoom() ? undefined : "disk-full"),
      live: (traveller) => liveBody(core, traveller),
    },
  };
  const manifestFor: Core["manifestFor"] = (version, portals) =>
    manifestOf({
      world: keys.world,
      lineage: opening.lineage,
      name,
      definition,
      physics,
      kinds,
      portals,
      version,
      peers,
      policy: policy(),
    });
  const core: Core = {
    stage,
    guests: new Set(),
    byTraveller: new Map(),
    bySession: new Map(),
    keys,
    ed25519: nodeEd25519,
    peers,
    border,
    desk: openDesk(ledger.custody, { wallMs: ledger.wallMs, steadyMs: clock.monotonic() }),
    log,
    capacity: definition.capacity ?? WORLD_LIMITS.capacity,
    headroom: new Headroom(),
    manifest: manifestFor(ground.view.version, stage.options.portals),
    manifestFor,
    remakeManifest() {
      core.manifest = manifestFor(ground.view.version, stage.options.portals);
    },
    births: new Births(),
    isOpen: true,
    bans: [],
    postings: [],
    answers: [],
    arriving: [],
    counts: { departures: 0, arrivals: 0, returned: 0, faults: new Map() },
    warned: new Set(),
  };
  return core;
}

async function openDoors(opening: Opening, core: Core, store: BlockStore, voice: Voiced, mesh: Mesh | undefined): Promise<Doors> {
  const { definition, options, clock, log } = opening;
  const handler = httpHandler({
    store: mesh === undefined ? store : tieredStore([store, ...mesh.blocks], store.name),
    mesh,
    card: () =>
      signCard(
        {
          world: core.keys.world,
          name: core.manifest.name,
          about: definition.about ?? "",
          substrate: core.manifest.substrate,
          archive: core.manifest.archive,
          timeMs: core.stage.options.ledger.timeMs,
        },
        core.keys.secret,
        nodeEd25519,
        shownKeys(core.keys),
      ),
    health: () => ({
      status: core.stage.custody.memory.amnesia === undefined ? "ok" : "remembering",
      tick: core.stage.tick,
      travellers: core.stage.avatars.size,
      substrate: core.manifest.substrate,
      pace: core.stage.pace,
      takesNewcomers: core.headroom.takesNewcomers,
    }),
    arrive: (arriving) => voice.authority?.arrive(arriving) ?? false,
    web: options.web,
  });
  const server = await listen({
    path: "/play",
    sidePaths: [SWARM_PATH],
    host: options.host ?? "127.0.0.1",
    port: options.port ?? 0,
    onRequest: handler,
    allowOrigin: (origin, host) => isAllowed(options.allowedOrigins, origin, host),
    limits:
      options.linksPerAddress === undefined
        ? {}
        : { linksPerAddress: options.linksPerAddress, socketsPerAddress: options.linksPerAddress * 4 },
  });
  const fatal =
    options.onFatal ??
    ((error: Error): void => {
      log.error("fatal", { error: error.stack ?? error.message });
      process.exit(70);
    });
  const authority = new Authority(core, server, clock, fatal);
  voice.authority = authority;
  const meeting = new MeetingPlace(server.entrance(SWARM_PATH), clock, {
    isKnown: (world) => world === core.keys.world || (core.peers.has(world) && core.peers.get(world)?.isClosed !== true),
    ice: options.ice ?? [],
  });
  const host = server.host.includes(":") ? `[${server.host}]` : server.host;
  return { server, authority, meeting, url: options.publicUrl?.replace(/\/+$/, "") ?? `http://${host}:${server.port}` };
}

/** Nothing here is granted by cookies, so by default every page may open a link. With a list: those, the world's own, and programs. */
function isAllowed(allowed: readonly string[] | undefined, origin: string | undefined, host: string | undefined): boolean {
  if (allowed === undefined || origin === undefined) return true;
  return allowed.includes(origin) || origin === `http://${host}` || origin === `https://${host}`;
}
