// Short form of `npm run hostile` for the stores that are no plain code of this process: IPFS nodes, and a browser's storage.
import { afterAll, expect, test } from "vitest";
import { openBrowserVictim, type PageVictim } from "../src/hostile/browser-victim.ts";
import { openIpfsVictims } from "../src/hostile/ipfs-victims.ts";
import { attackStores, closeVictims } from "../src/hostile/wrong-blocks.ts";

const CHROMIUM = process.env.CHROMIUM ?? "";
const ALL_WELL = { accepted: 0, unnamed: 0, unhealed: 0, refused: 0 };
let browser: PageVictim | undefined;

afterAll(() => browser?.close());

test("an IPFS node gives out no wrong block of its own disk or of a lying peer, and heals them", async () => {
  const victims = await openIpfsVictims();
  if (typeof victims === "string") throw new Error(victims);
  const { ipfs, bitswap } = victims;
  if (ipfs === undefined || bitswap === undefined) throw new Error("a victim is missing");
  const reports = await attackStores({ ipfs, bitswap: { ...bitswap, share: ipfs.share / 8 } }, 216, 1);
  await closeVictims(victims);
  expect(reports).toMatchObject({ ipfs: { blocks: 192, ...ALL_WELL }, bitswap: { blocks: 24, ...ALL_WELL } });
});

test.skipIf(CHROMIUM === "")(
  "a browser's storage gives out no wrong block; each block of a cached world is fetched anew, and it alone",
  async () => {
    browser = await openBrowserVictim(CHROMIUM);
    expect(await browser.attacked(160, 1)).toMatchObject({ blocks: 160, ...ALL_WELL });
    const healed = await browser.healed(2);
    expect(healed.blocks).toBeGreaterThan(4);
    expect(healed.unhealed).toBe(0);
  },
);
