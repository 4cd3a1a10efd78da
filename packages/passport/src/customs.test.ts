// Customs: pure rulings over whatever somebody might carry, from wherever.
import { clampBody, effectiveProps, flattenItems, type Item, LIMITS } from "@sojourn/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rule } from "./customs.ts";
import { allowedKinds, describePolicy, type ImportPolicy, type ImportRules } from "./import-policy.ts";

const TAVERN = `did:key:z6Mk${"t".repeat(44)}`;
const MINE = `did:key:z6Mk${"m".repeat(44)}`;
const KINDS = ["torch", "bag", "sword", "wine", "coin"];
const BODY = { health: 80, props: { mana: 12 } };

function item(n: number, kind: string, props: Item["props"] = {}, contents: readonly Item[] = []): Item {
  return { id: `${n}@${TAVERN}`, kind, props, contents };
}

function policy(rules: Partial<ImportRules>): ImportPolicy {
  return { origins: { [TAVERN]: { allow: ["*"], ...rules } } };
}

const kinds = fc.subarray([...KINDS, "*"]);
const bound = fc.integer({ min: -50, max: 50 });
const clamps = fc.array(
  fc.record(
    { kind: fc.constantFrom(...KINDS, "*", "body"), prop: fc.constantFrom("charge", "worth", "health", "mana"), min: bound, max: bound },
    { requiredKeys: ["kind", "prop"] },
  ),
  { maxLength: 4 },
);
const rules: fc.Arbitrary<ImportRules> = fc.record(
  {
    allow: kinds,
    deny: kinds,
    clamp: clamps,
    limit: fc.dictionary(fc.constantFrom(...KINDS, "*"), fc.nat(4), { maxKeys: 3 }),
    depth: fc.nat(LIMITS.itemDepth),
  },
  { requiredKeys: ["allow"] },
);
const policies: fc.Arbitrary<ImportPolicy> = fc
  .dictionary(fc.constantFrom(TAVERN, MINE, "*"), rules, { maxKeys: 3 })
  .map((origins) => ({ origins }));

interface Loose {
  readonly kind: string;
  readonly props: Item["props"];
  readonly contents: readonly unknown[];
}

const { tree } = fc.letrec<{ tree: Loose }>((tie) => ({
  tree: fc.record({
    kind: fc.constantFrom(...KINDS),
    props: fc.dictionary(
      fc.constantFrom("charge", "worth", "label"),
      fc.oneof(fc.integer({ min: -99, max: 99 }), fc.constantFrom("mine", true)),
    ),
    contents: fc.oneof({ maxDepth: 2, withCrossShrink: true }, fc.constant([]), fc.array(tie("tree"), { maxLength: 3 })),
  }),
}));

/** Trees of items, each item with a number of its own. */
const trees: fc.Arbitrary<Item[]> = fc.array(tree, { maxLength: 4 }).map((list) => {
  let n = 0;
  const numbered = (loose: Loose): Item =>
    item(
      ++n,
      loose.kind,
      loose.props,
      loose.contents.map((inner) => numbered(inner as Loose)),
    );
  return list.map(numbered);
});

const runs = { numRuns: 300 };

describe("customs", () => {
  it("[K1] lets nothing in that no rule allows", () => {
    for (const closed of [{ origins: {} }, { origins: { [MINE]: { allow: ["*"] } } }, policy({ allow: [] })]) {
      const { admitted, rulings } = rule(closed, TAVERN, [item(1, "torch")], BODY);
      expect(admitted).toEqual([]);
      expect(rulings.map(({ verdict }) => verdict)).toEqual(["refuse", "admit"]);
    }
  });

  it("[K1] rules for one origin stand before those for all", () => {
    const both: ImportPolicy = { origins: { "*": { allow: ["*"] }, [TAVERN]: { allow: ["coin"] } } };
    expect(rule(both, TAVERN, [item(1, "torch")], BODY).admitted).toEqual([]);
    expect(rule(both, MINE, [item(1, "torch")], BODY).admitted).toHaveLength(1);
  });

  it("[K2] says a word on every single thing and on the body, and loses nothing: admitted and refused are all, each once", () => {
    fc.assert(
      fc.property(policies, trees, (imports, items) => {
        const { rulings, admitted } = rule(imports, TAVERN, items, BODY);
        const all = flattenItems(items).map(({ id }) => id);
        expect(rulings.map((ruling) => ruling.item).sort()).toEqual([...all, "body"].sort());
        const inside = new Set(flattenItems(admitted).map(({ id }) => id));
        for (const { item: id, verdict, reason } of rulings) {
          expect(reason).toMatch(/^[A-Z].*\.$/);
          expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(LIMITS.detailBytes);
          if (id !== "body") expect(inside.has(id)).toBe(verdict !== "refuse");
        }
      }),
      runs,
    );
  });

  it("[K3] denies before it allows and never admits more than the limits", () => {
    fc.assert(
      fc.property(rules, trees, (given, items) => {
        const inside = flattenItems(rule({ origins: { [TAVERN]: given } }, TAVERN, items, BODY).admitted);
        for (const { kind } of inside) {
          expect(given.allow.some((allowed) => allowed === kind || allowed === "*")).toBe(true);
          expect((given.deny ?? []).some((denied) => denied === kind || denied === "*")).toBe(false);
        }
        for (const [kind, max] of Object.entries(given.limit ?? {})) {
          expect(inside.filter((one) => kind === "*" || one.kind === kind).length).toBeLessThanOrEqual(max);
        }
      }),
      runs,
    );
  });

  it("[K4] rules on contents by themselves: a refused thing stays while its bag travels, a refused bag keeps what is in it", () => {
    const packed = [item(1, "bag", {}, [item(2, "wine"), item(3, "coin")])];
    const dry = rule(policy({ deny: ["wine"] }), TAVERN, packed, BODY);
    expect(dry.admitted).toEqual([item(1, "bag", {}, [item(3, "coin")])]);
    const bagless = rule(policy({ deny: ["bag"] }), TAVERN, packed, BODY);
    expect(bagless.admitted).toEqual([]);
    expect(bagless.rulings.map(({ verdict }) => verdict)).toEqual(["refuse", "refuse", "refuse", "admit"]);
    expect(bagless.rulings[2]?.reason).toBe("It stays in the bag, which is not let in.");
    expect(rule(policy({ depth: 0 }), TAVERN, packed, BODY).admitted).toEqual([item(1, "bag")]);
  });

  it("[K5] clamps bound what is read and never the thing itself; bounding twice is bounding once", () => {
    fc.assert(
      fc.property(rules, trees, (given, items) => {
        const { clamps: laid, admitted, body } = rule({ origins: { [TAVERN]: given } }, TAVERN, items, BODY);
        const originals = new Map(flattenItems(items).map((one) => [one.id, one]));
        for (const one of flattenItems(admitted)) {
          expect(one.props).toEqual(originals.get(one.id)?.props);
          const once = effectiveProps(one, laid);
          expect(effectiveProps({ kind: one.kind, props: once }, laid)).toEqual(once);
        }
        expect(clampBody(body, laid)).toEqual(body);
        expect(body.health).toBeGreaterThanOrEqual(0);
        expect(body.health).toBeLessThanOrEqual(255);
      }),
      runs,
    );
  });

  it("[K5] says what it bounds", () => {
    const bounded = policy({
      clamp: [
        { kind: "torch", prop: "charge", max: 10 },
        { kind: "body", prop: "health", max: 50 },
      ],
    });
    const {
      rulings,
      clamps: laid,
      body,
    } = rule(bounded, TAVERN, [item(1, "torch", { charge: 90 }), item(2, "torch", { charge: 5 })], BODY);
    expect(rulings.map(({ verdict }) => verdict)).toEqual(["clamp", "admit", "clamp"]);
    expect(rulings[0]?.reason).toBe("Comes in, but here its charge counts as at most 10.");
    expect(effectiveProps(item(1, "torch", { charge: 90 }), laid)).toEqual({ charge: 10 });
    expect(body).toEqual({ health: 50, props: { mana: 12 } });
  });

  it("[K6] gives the same answer to the same question, and admits again all that it admitted", () => {
    fc.assert(
      fc.property(policies, trees, (imports, items) => {
        const first = rule(imports, TAVERN, items, BODY);
        expect(rule(imports, TAVERN, items, BODY)).toEqual(first);
        const again = rule(imports, TAVERN, first.admitted, first.body);
        expect(again.admitted).toEqual(first.admitted);
        expect(again.body).toEqual(first.body);
      }),
      runs,
    );
  });
});

describe("a policy in words", () => {
  it("says for each origin what comes in", () => {
    const open: ImportPolicy = {
      origins: {
        [TAVERN]: {
          allow: ["torch", "magic-bag"],
          deny: ["wine"],
          limit: { "*": 5, torch: 2 },
          depth: 1,
          clamp: [{ kind: "*", prop: "charge", min: 1, max: 9 }],
        },
        "*": { allow: [] },
      },
    };
    expect(describePolicy(open, () => "Tavern")).toEqual([
      "From Tavern: let in: torch, magic bag.",
      "From Tavern: not let in: wine.",
      "From Tavern: at most 5 things at once.",
      "From Tavern: at most 2 of torch at once.",
      "From Tavern: nothing lies more than 1 deep in bags.",
      "From Tavern: every thing's charge counts as 1 to 9.",
      "From elsewhere: nothing is let in.",
    ]);
    expect(describePolicy({ origins: {} })).toEqual(["Nothing is let in from other worlds."]);
    expect(allowedKinds(open)).toEqual(["magic-bag", "torch"]);
  });
});
