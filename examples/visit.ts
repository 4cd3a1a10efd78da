// A traveller: enters a world, says hello, walks through the first portal that leads on, and tells what customs said.
//
//   npm start                                     opens the Tavern and the Dungeon and prints their addresses
//   node examples/visit.ts http://127.0.0.1:7801
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { enter, type Visitor } from "@sojourn/client";
import { nodeTraveller } from "@sojourn/client/node";
import { waysTo } from "./way.ts";

const url = process.argv[2] ?? "http://127.0.0.1:7801";
// Key, passport and blocks live in this folder: run it twice and you are the same traveller, and fetch nothing.
const folder = process.argv[3] ?? join(tmpdir(), "sojourn-example");
const visitor = enter(url, { name: "Ada", ...nodeTraveller(folder) });

visitor.on("state", (state) => console.log(`· ${state}`));
visitor.on("progress", ({ done, blocksDone, blocksCached }) => {
  if (done) console.log(`  substrate verified: ${blocksDone} blocks, ${blocksDone - blocksCached} of them fetched`);
});
visitor.on("say", ({ name, text }) => console.log(`  ${name || "somebody"}: ${text}`));
visitor.on("notice", ({ text }) => console.log(`  ${text}`));
visitor.on("reject", ({ fault, intent }) => console.log(`  no (${intent?.kind ?? "visit"}): ${fault.detail}`));
visitor.on("crossing", ({ stage, destination, fault }) => {
  console.log(`  crossing to ${destination}: ${stage}${fault === undefined ? "" : `, ${fault.detail}`}`);
});

const first = await arrival(visitor);
console.log(`In ${first}, with ${carried(visitor)}.`);
visitor.chat("Hello! Which way is out?");
await walkThroughPortal(visitor);
const second = await arrival(visitor, first);
console.log(`In ${second}, with ${carried(visitor)}.`);
for (const { kind, verdict, reason } of visitor.rulings) if (verdict !== "admit") console.log(`  ${verdict} ${kind}: ${reason}`);
await visitor.leave();

/** The name of the world one is live in, once it is another than `before`. */
async function arrival(traveller: Visitor, before?: string): Promise<string> {
  for (;;) {
    const { state, manifest } = traveller;
    if (state === "LIVE" && manifest !== undefined && manifest.name !== before) return manifest.name;
    await pause(20);
  }
}

async function walkThroughPortal(traveller: Visitor): Promise<void> {
  const { manifest, substrate } = traveller;
  const portal = manifest?.portals.find((one) => one.world !== undefined);
  if (portal === undefined || substrate === undefined) throw new Error("no portal of this world leads on");
  const next = waysTo({ x: Math.floor(portal.x + portal.w / 2), y: Math.floor(portal.y + portal.h / 2) }, substrate);
  while (traveller.crossing === undefined) {
    const { x, y } = traveller.me ?? { x: 0, y: 0 };
    const here = { x: Math.floor(x), y: Math.floor(y) };
    const step = next(here);
    if (step === undefined) throw new Error("there is no way to the portal from here");
    if (step.x === here.x && step.y === here.y) {
      // Walking into a portal asks to cross; one who came out of it and still stands there has to say so.
      traveller.cross(portal.name);
      await pause(500);
      continue;
    }
    const [dx, dy] = [step.x + 0.5 - x, step.y + 0.5 - y];
    const far = Math.max(0.3, Math.hypot(dx, dy));
    traveller.walk(dx / far, dy / far);
    await pause(20);
  }
  traveller.walk(0, 0);
}

function carried(traveller: Visitor): string {
  return traveller.items.map(({ kind }) => kind).join(", ") || "nothing";
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
