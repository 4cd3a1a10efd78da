// The client of the floors and of the exact encoding: no handshake but the WebSocket's, the same inbound frames as a world gets,
// and a frame that begins with the last move read.
import { encodeControl, encodeMove } from "@sojourn/protocol";
import { type Dialect, type Ears, type Player, rawPlayer } from "./dialects.ts";
import { maskedFrame, RawClient } from "./raw-client.ts";

export const floorDialect: Dialect = {
  async enter(index: number, port: number, ears: Ears): Promise<Player> {
    const client = await RawClient.open(index, port, `/${index}`);
    client.isLive = true;
    const isSampled = ears.isSampled(index);
    let heard = 0;
    client.onFrame = (bytes, at, _length, wireBytes) => {
      heard += 1;
      ears.tick(index, wireBytes);
      if (isSampled) ears.seen(index, bytes.readUInt32BE(at));
    };
    return rawPlayer(
      client,
      (seq, dx, dy) => maskedFrame(encodeMove({ t: "move", seq, dx, dy })),
      () => maskedFrame(encodeControl({ t: "ack", tick: heard })),
    );
  },
};
