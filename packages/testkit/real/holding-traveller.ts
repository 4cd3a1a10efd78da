// A traveller's program that walks into the portal and then hangs with the passport in hand, to be killed there.
// node holding-traveller.ts <world> <destination> <folder>
import process from "node:process";
import { enter } from "@sojourn/client";
import { nodeTraveller } from "@sojourn/client/node";
import { connect } from "@sojourn/runtime";

const [, , world, destination, folder] = process.argv as string[] & { readonly length: 5 };
const visitor = enter(world as string, {
  name: "Ada",
  ...nodeTraveller(folder as string),
  connect: (url) => {
    // The destination is never reached: an address that answers nothing.
    if (!url.includes(new URL(destination as string).host)) return connect(url);
    process.stdout.write("holding\n");
    return connect("ws://192.0.2.1:9/");
  },
});
visitor.on("live", () => visitor.walk(1, 0));
