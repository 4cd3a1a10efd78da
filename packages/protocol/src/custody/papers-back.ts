// What the papers of returned things say: the link that was signed, and the destination's refusal that undid it.
import { flattenCarried, type Refusal } from "./claims.ts";
import type { Departure } from "./custody.ts";
import type { Border } from "./desk.ts";
import { signatureIn } from "./papers.ts";
import type { RefundRecord } from "./records.ts";

/** For every thing of a departure that has papers. `proof` is the refusal as it was signed. */
export function linksBack(border: Border, departure: Departure, proof: string, refusal: Refusal): Pick<RefundRecord, "links" | "keys"> {
  const { context, custody, world } = border;
  const passport = context.notary.read(departure.passport);
  const said = context.notary.read(proof);
  if (!passport.ok || passport.value.claims.typ !== "passport" || !said.ok) throw new Error("a departure holds its passport");
  const { iat, code, reason, epoch, iss } = refusal;
  const { kid } = said.value;
  const refused = { iat, code, reason, epoch, signature: signatureIn(proof), ...(kid === iss ? {} : { key: kid }) };
  const things = flattenCarried(passport.value.claims.items);
  const links = things.flatMap(({ id, papers }) => {
    const link = papers?.links.at(-1);
    return link === undefined ? [] : [{ item: id, link: { ...link, refused } }];
  });
  if (links.length === 0) return {};
  const signers = [...(passport.value.kid === world ? [] : [world]), ...(kid === iss ? [] : [iss])];
  const keys = signers.flatMap((signer) => custody.keys.get(signer)?.token ?? []);
  return keys.length === 0 ? { links } : { links, keys };
}
