// What travellers were told, written down by themselves: passports handed out, arrivals welcomed, things shown. Law of the worlds: nobody
// is told of what is not durable. So whatever stands here must stand in the journal of the world that said it.
import { createHash } from "node:crypto";
import { appendFileSync } from "node:fs";
import { decodeWorldControl, FRAME, flattenItems, type WorldMessage } from "@sojourn/protocol";
import type { Link } from "@sojourn/runtime";

export type Told =
  | { readonly told: "passport"; readonly world: string; readonly transfer: string; readonly hash: string }
  | { readonly told: "arrived"; readonly world: string; readonly transfer: string }
  | { readonly told: "items"; readonly world: string; readonly items: readonly string[] };

/** SHA-256, base64url. */
export function hashOf(passport: string): string {
  return createHash("sha256").update(passport).digest("base64url");
}

/** The link, with what the world says on it appended to `file` before the traveller hears it. */
export function overhear(link: Link, file: string): Link {
  let world = "";
  const receive = link.receive.bind(link);
  link.receive = () => {
    const frames = receive();
    for (const frame of frames) {
      if (frame[0] !== FRAME.control) continue;
      const message = decodeWorldControl(frame);
      if (!message.ok) continue;
      if (message.value.t === "challenge") world = message.value.world;
      for (const told of toldBy(message.value, world)) appendFileSync(file, `${JSON.stringify(told)}\n`);
    }
    return frames;
  };
  return link;
}

function toldBy(message: WorldMessage, world: string): Told[] {
  switch (message.t) {
    case "transfer": {
      const hash = hashOf(`${message.passport}.${Buffer.from(message.signature).toString("base64url")}`);
      return [{ told: "passport", world, transfer: message.id, hash }];
    }
    case "welcome": {
      const items: Told = { told: "items", world, items: flattenItems([...message.items, ...message.locker]).map(({ id }) => id) };
      return message.receipt === undefined ? [items] : [{ told: "arrived", world, transfer: transferOf(message.receipt) }, items];
    }
    case "items":
      return [{ told: "items", world, items: flattenItems([...message.items, ...message.locker]).map(({ id }) => id) }];
    default:
      return [];
  }
}

function transferOf(receipt: string): string {
  const claims = JSON.parse(Buffer.from(receipt.split(".")[1] ?? "", "base64url").toString()) as { readonly transfer: string };
  return claims.transfer;
}
