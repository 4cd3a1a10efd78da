// How an IPFS node is named: a folder of one's own to keep a world in, or somebody's address to read it from.
import { expect, it } from "vitest";
import { openReplica } from "./replica-place.ts";

const THEIRS = "ipfs:/ip4/192.0.2.7/tcp/4001/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";

it("keeps a world in no node that is somebody else's, and says what to write instead", async () => {
  const opened = await openReplica({ replica: THEIRS });
  expect(opened).toMatchObject({ ok: false, fault: { code: "not-allowed", detail: expect.stringContaining("ipfs:FOLDER") } });
});
