// The SPEC's tables, printed from what the code checks with, so that neither can say what the other does not.
import { type ClaimsType, carriedSchema, claimSchemas, clampSchema, rulingGroupSchema, tokenTyp } from "../custody/claims.ts";
import { paperLinkSchema, papersSchema } from "../custody/papers.ts";
import { custodyDiagram, custodyRules } from "../custody/spec-rules.ts";
import { FAULT_CODES } from "../fault.ts";
import { bodySchema, itemSchema, rulingSchema } from "../items.ts";
import { CUSTODY, LIMITS, MOVES, PROTOCOL_VERSION, RATES, SWARM, TIMES } from "../limits.ts";
import {
  clientMessageSchema,
  componentSchema,
  entityKindSchema,
  FRAME,
  faultSchema,
  intentSchema,
  itemKindInfoSchema,
  manifestSchema,
  physicsSchema,
  portalSchema,
  worldMessageSchema,
} from "../messages.ts";
import { describe, type Shape } from "../schema.ts";
import { memberMessageSchema, rendezvousMessageSchema } from "../swarm/signals.ts";
import { CHANNEL_LAYOUTS, CORE_ROWS, KIND_ROWS, LAYOUTS, type LayoutRow, SNAPSHOT_NUMBERS } from "./layouts.ts";

/** Shapes with a name of their own in the SPEC, in the order in which it prints them. */
const NAMED: readonly (readonly [string, Shape])[] = [
  ["Fault", faultSchema],
  ["Intent", intentSchema],
  ["Item", itemSchema],
  ["Ruling", rulingSchema],
  ["Body", bodySchema],
  ["Physics", physicsSchema],
  ["Component", componentSchema],
  ["EntityKind", entityKindSchema],
  ["ItemKind", itemKindInfoSchema],
  ["Portal", portalSchema],
  ["Carried", carriedSchema],
  ["Papers", papersSchema],
  ["PaperLink", paperLinkSchema],
  ["Clamp", clampSchema],
  ["RulingGroup", rulingGroupSchema],
];

/** Everything the wire is made of, as text: what the pin is taken over. */
export function describeWire(): string {
  const schemas = [
    ...NAMED,
    ["Manifest", manifestSchema],
    ["Client", clientMessageSchema],
    ["World", worldMessageSchema],
    ["Member", memberMessageSchema],
    ["Rendezvous", rendezvousMessageSchema],
  ] as const;
  return [
    `version ${PROTOCOL_VERSION}`,
    `frames ${JSON.stringify(FRAME)}`,
    `faults ${FAULT_CODES.join(" ")}`,
    ...schemas.map(([name, shape]) => `${name} ${describe(bodyOf(shape))}`),
    ...Object.entries(claimSchemas).map(([typ, shape]) => `${typ} ${describe(shape)}`),
    ...[...LAYOUTS, ...CHANNEL_LAYOUTS].map(({ title, rows }) => `${title} ${rows.map(rowText).join(" · ")}`),
    ...[...CORE_ROWS, ...KIND_ROWS].map(rowText),
    SNAPSHOT_NUMBERS,
  ].join("\n");
}

/** Each generated part of SPEC.md by the name of its markers. */
export function specTables(): { readonly [name: string]: string } {
  return {
    "client-messages": messages(clientMessageSchema),
    "world-messages": messages(worldMessageSchema),
    types: NAMED.map(([name, shape]) => `#### ${name}\n\n${body(shape)}`).join("\n\n"),
    "signed-messages": Object.entries(claimSchemas)
      .map(([typ, shape]) => `#### typ: "${tokenTyp(typ as ClaimsType)}"\n\n${body(shape)}`)
      .join("\n\n"),
    "origin-rules": custodyRules("origin"),
    "origin-diagram": custodyDiagram("origin", "HERE"),
    "destination-rules": custodyRules("destination"),
    "key-rules": custodyRules("keys"),
    "destination-diagram": custodyDiagram("destination", "UNKNOWN"),
    "memory-rules": custodyRules("memory"),
    "tier-rules": custodyRules("tiers"),
    custody: table(
      ["name", "value"],
      Object.entries(CUSTODY).map(([name, value]) => [code(name), typeof value === "number" ? String(value) : JSON.stringify(value)]),
    ),
    layouts: LAYOUTS.map(({ title, rows }) => `#### ${title}\n\n${layout(rows)}`).join("\n\n"),
    fields: table(
      ["bit", "field", "kind", "in a frame"],
      CORE_ROWS.map((row, bit) => [String(bit), code(row.name), row.type, row.meaning]),
    ),
    kinds: table(
      ["kind", "in a frame"],
      KIND_ROWS.map(({ name, meaning }) => [code(name), meaning]),
    ),
    "member-messages": messages(memberMessageSchema),
    "rendezvous-messages": messages(rendezvousMessageSchema),
    channel: CHANNEL_LAYOUTS.map(({ title, rows }) => `#### ${title}\n\n${layout(rows)}`).join("\n\n"),
    swarm: numbers(SWARM),
    limits: numbers(LIMITS),
    moves: numbers(MOVES),
    times: numbers(TIMES),
    rates: table(
      ["rate", "per second", "burst"],
      Object.entries(RATES).map(([name, rate]) => [code(name), String(rate.perSecond), String(rate.burst)]),
    ),
  };
}

function bodyOf(shape: Shape): Shape {
  return shape.kind === "recursive" ? shape.of() : shape;
}

function rowText({ type, name, meaning }: LayoutRow): string {
  return `${type} ${name}: ${meaning}`;
}

function messages(choice: Shape): string {
  if (choice.kind !== "choice") throw new Error("messages are a choice");
  return Object.entries(choice.of)
    .map(([tag, shape]) => `#### ${choice.tag}: "${tag}"\n\n${body(shape)}`)
    .join("\n\n");
}

function body(shape: Shape): string {
  const inner = bodyOf(shape);
  if (inner.kind === "choice") {
    const rows = Object.entries(inner.of).map(([tag, of]) => [code(tag), of.kind === "struct" ? fieldsInline(of) : typeName(of)]);
    return table([inner.tag, "fields"], rows);
  }
  if (inner.kind !== "struct") return typeName(inner);
  const rows = Object.entries(inner.fields).map(([name, of]) => [code(name), typeName(of)]);
  return rows.length === 0 ? "No fields." : table(["field", "type"], rows);
}

function fieldsInline(shape: Shape & { kind: "struct" }): string {
  return Object.entries(shape.fields)
    .map(([name, of]) => `${code(name)}: ${typeName(of)}`)
    .join("; ");
}

/** A type in words; shapes with a name are named. */
function typeName(shape: Shape): string {
  const named = NAMED.find(([, one]) => one === shape);
  if (named !== undefined) return `[${named[0]}](#${named[0].toLowerCase()})`;
  switch (shape.kind) {
    case "optional":
      return `${typeName(shape.of)}, optional`;
    case "list":
      return `list ≤ ${shape.max} of ${typeName(shape.of)}`;
    case "dict":
      return `map ≤ ${shape.max} of names to ${typeName(shape.of)}`;
    case "struct":
      return `{ ${fieldsInline(shape)} }`;
    case "recursive":
      return shape.name;
    case "text":
      return `text ≤ ${shape.maxBytes} bytes${shape.pattern === undefined ? "" : ` ${code(`/${shape.pattern}/`)}`}`;
    default:
      return describe(shape);
  }
}

function layout(rows: readonly LayoutRow[]): string {
  return table(
    ["type", "name", "meaning"],
    rows.map(({ type, name, meaning }) => [code(type), code(name), meaning]),
  );
}

function numbers(values: { readonly [name: string]: number }): string {
  return table(
    ["name", "value"],
    Object.entries(values).map(([name, value]) => [code(name), String(value)]),
  );
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}
