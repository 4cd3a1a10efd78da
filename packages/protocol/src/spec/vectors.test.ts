import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeClientFrame, decodeWorldControl, encodeControl } from "../codec/frame.ts";
import type { Result } from "../fault.ts";
import type { ClientMessage, ComponentDeclaration, WorldMessage } from "../messages.ts";
import { fieldTable } from "../snapshot/fields.ts";
import { decodeMove, decodeOwn, encodeMove, encodeOwn, type Move, type OwnState } from "../snapshot/move.ts";
import { SnapshotReader } from "../snapshot/reader.ts";
import { type ChannelFrame, decodeChannel, encodeChannel } from "../swarm/channel-frames.ts";
import {
  decodeMember,
  decodeRendezvous,
  descriptionObjection,
  encodeMember,
  encodeRendezvous,
  type MemberMessage,
  type RendezvousMessage,
} from "../swarm/signals.ts";

interface Good<T> {
  readonly name?: string;
  readonly hex: string;
  readonly value: T;
}
interface Bad {
  readonly name: string;
  readonly hex: string;
  readonly fault: string;
}
interface Both<T> {
  readonly valid: readonly Good<T>[];
  readonly invalid: readonly Bad[];
}
interface Step {
  readonly name: string;
  readonly hex: string;
  readonly tick: number;
  readonly added: readonly number[];
  readonly removed: readonly number[];
  readonly events: readonly unknown[];
  readonly entities: readonly { readonly [field: string]: unknown }[];
}

function load<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../../../vectors/protocol/${name}.json`, import.meta.url), "utf8"), (_, value) =>
    typeof value?.$hex === "string" ? frameOf(value.$hex) : value,
  );
}

function frameOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

function hexOf(frame: Uint8Array): string {
  return Buffer.from(frame).toString("hex");
}

function holdTo<T>(vectors: Both<T>, decode: (frame: Uint8Array) => Result<unknown>, encode: (value: T) => Uint8Array): void {
  for (const { name, hex, value } of vectors.valid) {
    expect(decode(frameOf(hex)), name).toEqual({ ok: true, value });
    expect(hexOf(encode(value)), name).toBe(hex);
  }
  for (const { name, hex, fault } of vectors.invalid)
    expect(decode(frameOf(hex)), name).toMatchObject({ ok: false, fault: { code: fault } });
}

describe("[F1] the vectors", () => {
  const control = load<{ client: Both<ClientMessage>; world: Both<WorldMessage> }>("control");

  test("[F1] [F2] [F3] [F4] control frames from clients", () => {
    holdTo(control.client, decodeClientFrame, encodeControl);
    expect(control.client.invalid.length).toBeGreaterThanOrEqual(40);
  });

  test("[F1] [F4] control frames from worlds", () => {
    holdTo(control.world, decodeWorldControl, encodeControl);
  });

  test("[F4] there is a valid vector of every message", () => {
    const client = new Set(control.client.valid.map(({ value }) => value.t));
    const world = new Set(control.world.valid.map(({ value }) => value.t));
    expect([client.size, world.size]).toEqual([10, 10]);
  });

  test("[F5] moves", () => {
    holdTo(load<Both<Move>>("move"), decodeMove, encodeMove);
  });

  test("[F6] own frames", () => {
    holdTo(load<Both<OwnState>>("own"), decodeOwn, encodeOwn);
  });

  const swarm = load<{
    member: Both<MemberMessage>;
    rendezvous: Both<RendezvousMessage>;
    channel: Both<ChannelFrame>;
    descriptions: { readonly used: readonly string[]; readonly notUsed: readonly { readonly name: string; readonly sdp: string }[] };
  }>("swarm");

  test("[W1] [W11] what members say at a rendezvous and on a channel", () => {
    holdTo(swarm.member, decodeMember, encodeMember);
    holdTo(swarm.rendezvous, decodeRendezvous, encodeRendezvous);
    holdTo(swarm.channel, decodeChannel, encodeChannel);
  });

  test("[W7] descriptions that are used, and those that are not", () => {
    for (const sdp of swarm.descriptions.used) expect(descriptionObjection(sdp)).toBeUndefined();
    for (const { name, sdp } of swarm.descriptions.notUsed) expect(descriptionObjection(sdp), name).toBeDefined();
  });

  test("[S2] [S3] [S6] a story in snapshots, and after it frames that change nothing", () => {
    const told = load<{ components: ComponentDeclaration[]; story: Step[]; invalid: Bad[] }>("snapshot");
    const table = fieldTable(told.components);
    const reader = new SnapshotReader(table);
    const held = (): unknown[] =>
      [...reader.entities.ids()]
        .sort((a, b) => a - b)
        .map((id) => ({ id, ...Object.fromEntries(table.fields.map(({ name }) => [name, reader.entities.get(name, id)])) }));
    for (const { name, hex, tick, added, removed, events, entities } of told.story) {
      expect(reader.apply(frameOf(hex)), name).toEqual({ ok: true, value: { tick, added, removed, events } });
      expect(held(), name).toEqual(entities);
    }
    const before = JSON.stringify([held(), [...reader.cells], reader.lastTick]);
    for (const { name, hex, fault } of told.invalid) {
      expect(reader.apply(frameOf(hex)), name).toMatchObject({ ok: false, fault: { code: fault } });
      expect(JSON.stringify([held(), [...reader.cells], reader.lastTick]), name).toBe(before);
    }
  });
});
