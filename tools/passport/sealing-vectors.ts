// The table of sealing.json: a recovery key, a state key in its envelope, and parts, good and bad.
import { newStateKey, recoveryKeys, sealPart } from "@sojourn/passport/node";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const utf8 = new TextEncoder();

export function sealingCases(): object {
  const identity = new Uint8Array(32).fill(1);
  const stateKey = new Uint8Array(32).fill(21);
  const once = new Uint8Array(32).fill(22);
  const recovery = recoveryKeys(identity);
  const { key, envelope } = newStateKey(recovery.publicKey, stateKey, once);
  const plains = [
    { name: "rows", plain: new Uint8Array() },
    { name: "rows", plain: utf8.encode("a torch, 90") },
    { name: "tail 1-7", plain: utf8.encode("a torch, 90") },
    { name: "Zoë ☂", plain: new Uint8Array(200).map((_, i) => i) },
  ];
  const good = sealPart(utf8.encode("a torch, 90"), "rows", key);
  const changed = (at: number): Uint8Array => good.map((byte, i) => (i === at ? byte ^ 1 : byte));
  return {
    ...{ identity: hex(identity), recovery: { publicKey: hex(recovery.publicKey), secret: hex(recovery.secret) } },
    ...{ stateKey: hex(stateKey), once: hex(once), envelope: hex(envelope) },
    parts: plains.map(({ name, plain }) => ({ name, plain: hex(plain), part: hex(sealPart(plain, name, key)) })),
    invalid: [
      { why: "nothing", name: "rows", part: "", fault: "malformed" },
      { why: "another format", name: "rows", part: hex(changed(13)), fault: "malformed" },
      { why: "cut short", name: "rows", part: hex(good.subarray(0, -1)), fault: "malformed" },
      { why: "lengthened", name: "rows", part: `${hex(good)}00`, fault: "malformed" },
      { why: "another mark", name: "rows", part: hex(changed(30)), fault: "forged" },
      { why: "changed within", name: "rows", part: hex(changed(55)), fault: "forged" },
      { why: "another tag", name: "rows", part: hex(changed(good.length - 1)), fault: "forged" },
      { why: "under another name", name: "tail 1-7", part: hex(good), fault: "forged" },
      { why: "by another key", name: "rows", part: hex(sealPart(utf8.encode("a torch, 90"), "rows", identity)), fault: "forged" },
    ],
  };
}
