// What is sealed is carried and nothing more: no intent and no hook uses it.
import { type Fault, fault, type Item, type Seal } from "@sojourn/protocol";

const WHY: { readonly [why in Seal]: string } = {
  "double-spend": "It is sealed for good: somebody gave it away twice, and this is the later copy.",
  unregistered: "It is sealed until its maker's register says that it is here. Till then it can only be carried.",
};

export function whySealed(item: Pick<Item, "sealed">): Fault | undefined {
  return item.sealed === undefined ? undefined : fault("not-usable", "world", WHY[item.sealed]);
}
