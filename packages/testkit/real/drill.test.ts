// The short form of `npm run drill`: a world whose machine is lost comes back from a folder, and from its neighbours, and its ghosts live again.
import { expect, test } from "vitest";
import { runDrill } from "../src/drill/drill.ts";

test.each(["folder", "mesh"] as const)(
  "a world that lost its machine comes back from one replica (%s), to the last record",
  async (kind) => {
    const outcome = await runDrill(kind, { say: () => {} });
    expect(outcome).toMatchObject({ restored: true, stateHashEqual: true, lostChanges: 0, ghostsLive: true, keptAgain: true });
  },
);
