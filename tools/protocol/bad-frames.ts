// Frames that every reader must refuse, each written by hand for one reason. Hex; a space has no meaning.

interface BadFrame {
  readonly name: string;
  readonly hex: string;
  readonly fault: string;
}

const bad = (name: string, hex: string, fault = "malformed"): BadFrame => ({
  name,
  hex: hex.replaceAll(" ", ""),
  fault,
});
const ascii = (text: string): string => Buffer.from(text, "utf8").toString("hex");

/** {"n": 7, "t": "ping"} is a2 616e 07 6174 6470696e67. */
const PING = ascii("ping");
const BYE = "a1 6174 63627965";

export const BAD_CLIENT: readonly BadFrame[] = [
  bad("an empty frame", ""),
  bad("a kind alone", "01"),
  bad("an unknown kind", `05 ${BYE}`),
  bad("a snapshot is not for clients to send", "02 00 0000000000000001 00"),
  bad("an own frame is not for clients to send", "03 0000000000000001 00000000 00000000 00000000 00000000 00"),
  bad("not a map", "01 82 01 02"),
  bad("cut short in a head", "01 a2 616e 19 01"),
  bad("cut short in a text", `01 a2 616e 07 6174 64 ${ascii("pin")}`),
  bad("cut short before a value", "01 a2 616e 07 6174"),
  bad("a byte too many", `01 ${BYE} 00`),
  bad("two values", `01 ${BYE} ${BYE}`),
  bad("keys out of order", `01 a2 6174 64${PING} 616e 07`),
  bad("longer key before shorter", `01 a2 626e6e 07 6174 64${PING}`),
  bad("the same key twice", `01 a3 616e 07 616e 08 6174 64${PING}`),
  bad("a key that is a number", `01 a2 01 07 6174 64${PING}`),
  bad("a key that is bytes", `01 a2 416e 07 6174 64${PING}`),
  bad("a number in two bytes that fits in one", `01 a2 616e 1807 6174 64${PING}`),
  bad("a number in four bytes that fits in two", `01 a2 616e 1a00000100 6174 64${PING}`),
  bad("a number in eight bytes that fits in four", `01 a2 616e 1b0000000000000007 6174 64${PING}`),
  bad("a text length in two bytes that fits in one", `01 a2 616e 07 6174 7804${PING}`),
  bad("a map of indefinite length", `01 bf 6174 63${ascii("bye")} ff`),
  bad("a text of indefinite length", `01 a1 6174 7f 63${ascii("bye")} ff`),
  bad("a list of indefinite length", `01 a2 6174 65${ascii("hello")} 6876657273696f6e73 9f01ff`),
  bad("a reserved head", `01 a2 616e 1c 6174 64${PING}`),
  bad("a break without a beginning", "01 ff"),
  bad("a tag around the map", `01 d9d9f7 ${BYE}`),
  bad("a link", "01 d82a 41 00"),
  bad("a 16-bit float", `01 a2 616e f94700 6174 64${PING}`),
  bad("a 32-bit float", `01 a2 616e fa40e00000 6174 64${PING}`),
  bad("a float that holds an integer", `01 a2 616e fb401c000000000000 6174 64${PING}`),
  bad("a float that is not whole where a whole one belongs", `01 a2 616e fb401e000000000000 6174 64${PING}`),
  bad("NaN", `01 a2 616e fb7ff8000000000000 6174 64${PING}`),
  bad("infinity", `01 a2 616e fb7ff0000000000000 6174 64${PING}`),
  bad("negative zero", `01 a2 616e fb8000000000000000 6174 64${PING}`),
  bad("an integer past 2^53 - 1", `01 a2 616e 1b0020000000000000 6174 64${PING}`),
  bad("the largest 64-bit integer", `01 a2 616e 1bffffffffffffffff 6174 64${PING}`),
  bad("a negative number where none belongs", `01 a2 616e 26 6174 64${PING}`),
  bad("a number one past its bound", `01 a2 616e 1b0000000100000000 6174 64${PING}`),
  bad("undefined", `01 a2 616e f7 6174 64${PING}`),
  bad("null for a field", `01 a2 616e f6 6174 64${PING}`),
  bad("a simple value without a meaning", `01 a2 616e e0 6174 64${PING}`),
  bad("text that is not UTF-8", "01 a1 6174 63 6279ff"),
  bad("text with a surrogate", "01 a1 6174 63 eda080"),
  bad("text in an overlong form", "01 a1 6174 63 6279 c1"),
  bad("a message that does not exist", `01 a1 6174 63${ascii("bya")}`),
  bad("a message of the other side", `01 a3 616e 07 6174 64${ascii("pong")} 6674696d654d73 01`),
  bad("without a type", "01 a1 616e 07"),
  bad("a type that is a number", "01 a1 6174 07"),
  bad("a field too many", `01 a3 616e 07 616f 07 6174 64${PING}`),
  bad("a field missing", `01 a1 6174 64${PING}`),
  bad("a text where a number belongs", `01 a2 616e 6137 6174 64${PING}`),
  bad("a type from the prototype", `01 a1 6174 68${ascii("toString")}`),
  bad("the key __proto__", `01 a2 6174 63${ascii("bye")} 69${ascii("__proto__")} a0`),
  bad("the key constructor", `01 a2 6174 63${ascii("bye")} 6b${ascii("constructor")} 00`),
  bad("the key $bytes", `01 a2 6174 63${ascii("bye")} 66${ascii("$bytes")} 6141`),
  bad("a signature one byte short", `01 a2 6174 65${ascii("prove")} 69${ascii("signature")} 583f ${"00".repeat(63)}`),
  bad("a signature that is text", `01 a2 6174 65${ascii("prove")} 69${ascii("signature")} 7840 ${"41".repeat(64)}`),
  bad(
    "chat longer than it may be",
    `01 a3 6174 66${ascii("intent")} 63${ascii("seq")} 01 66${ascii("intent")} a2 64${ascii("kind")} 64${ascii("chat")} 64${ascii("text")} 790201 ${"41".repeat(513)}`,
  ),
  bad(
    "an intent that does not exist",
    `01 a3 6174 66${ascii("intent")} 63${ascii("seq")} 01 66${ascii("intent")} a1 64${ascii("kind")} 63${ascii("fly")}`,
  ),
  bad(
    "entity 0",
    `01 a3 6174 66${ascii("intent")} 63${ascii("seq")} 01 66${ascii("intent")} a2 64${ascii("kind")} 68${ascii("interact")} 66${ascii("target")} 00`,
  ),
  bad("a traveller where none belongs", `01 a2 6174 63${ascii("bye")} 69${ascii("traveller")} 63${ascii("bob")}`),
  bad("a map that claims four thousand million members", "01 ba ffffffff"),
  bad("a list that claims four thousand million members", "01 9a ffffffff"),
  bad("a text that claims 2^53 - 1 bytes", "01 7b 001fffffffffffff"),
  bad("bytes that claim more than there are", "01 5a 00010000 00"),
  bad("more levels than allowed", `01 ${"81".repeat(13)} 00`),
  bad("more values than allowed", `01 99 0400 ${"00".repeat(1024)}`),
];

const DID = ascii(`did:key:z6Mk${"b".repeat(44)}`);
/** A reject of fault busy up to the value of its last field, final. */
const BUSY = `01 a3 6174 66${ascii("reject")} 65${ascii("fault")} a4 64${ascii("code")} 64${ascii("busy")} 65${ascii("blame")} 65${ascii("world")} 66${ascii("detail")} 60 6c${ascii("retryAfterMs")} 00 65${ascii("final")}`;

export const BAD_WORLD: readonly BadFrame[] = [
  bad("an empty frame", ""),
  bad("a move is not for worlds to send", "04 00000001 7f 00"),
  bad("a message of the other side", `01 ${BYE}`),
  bad(
    "an unknown fault code",
    `01 a3 6174 66${ascii("reject")} 65${ascii("fault")} a4 64${ascii("code")} 64${ascii("oops")} 65${ascii("blame")} 65${ascii("world")} 66${ascii("detail")} 60 6c${ascii("retryAfterMs")} 00 65${ascii("final")} f5`,
  ),
  bad(
    "a destination that is no address",
    `${BUSY} f5 6b${ascii("destination")} a3 63${ascii("url")} 67${ascii("ftp://x")} 64${ascii("name")} 60 65${ascii("world")} 7838${DID}`.replace(
      "a3 6174",
      "a4 6174",
    ),
  ),
  bad(
    "a destination without a name",
    `${BUSY} f5 6b${ascii("destination")} a2 63${ascii("url")} 66${ascii("ws://x")} 65${ascii("world")} 7838${DID}`.replace(
      "a3 6174",
      "a4 6174",
    ),
  ),
  bad("final is not a bool", `${BUSY} 01`),
  bad("without final", BUSY.replace("a3 6174", "a2 6174").replace(` 65${ascii("final")}`, "")),
  bad("a root that is no content id", `01 a3 6174 69${ascii("substrate")} 64${ascii("root")} 63${ascii("abc")} 64${ascii("tick")} 01`),
];

export const BAD_MOVE: readonly BadFrame[] = [
  bad("a byte short", "04 00000001 7f"),
  bad("a byte long", "04 00000001 7f 00 00"),
  bad("dx is -128", "04 00000001 80 00"),
  bad("dy is -128", "04 00000001 00 80"),
];

export const BAD_OWN: readonly BadFrame[] = [
  bad("a field short", "03 00 01 00 00 00"),
  bad("a byte long", "03 00 01 00 00 00 00 00"),
  bad("flags that mean nothing", "03 04 01 00 00 00 00"),
  bad("a pace that does not follow", "03 02 01 00 00 00 00"),
  bad("a pace nobody announced", "03 00 01 00 00 00 00 80"),
  bad("a pace of nothing", "03 02 01 00 00 00 00 00"),
  bad("a tick past 2^53 - 1", "03 00 8080808080808010 00 00 00 00"),
  bad("a tick not in its shortest form", "03 00 8100 00 00 00 00"),
  bad("a number of more than 32 bits", "03 00 01 8080808010 00 00 00"),
  bad("a position past the edge", "03 00 01 00 00 8280808002 00"),
];

/** Applied after the story's end: cell -1, 0 (zigzag 01 00) is held, tick 2, entity 2 in it. Heads: 04 rows, 08 records, 10 gone, 20 events. */
const HEAD = "02 00 02";
const KEPT = "01 00";
export const BAD_SNAPSHOT: readonly BadFrame[] = [
  bad("an empty frame", ""),
  bad("a head alone", "02 00 02"),
  bad("flags that mean nothing", "02 02 02 00"),
  bad("a tick past 2^53 - 1", "02 00 8080808080808010 00"),
  bad("a tick not in its shortest form", "02 00 8200 00"),
  bad("an old tick", "02 00 01 00"),
  bad("a byte after the last part", `${HEAD} 00 00`),
  bad("more parts than there are", `${HEAD} 02 ${KEPT} 00`),
  bad("more parts than allowed", `${HEAD} ff7f ${"00".repeat(600)}`),
  bad("a count not in its shortest form", `${HEAD} 8100 ${KEPT} 00`),
  bad("a count of six bytes", `${HEAD} 818080808000`),
  bad("a cell past the edge", `${HEAD} 01 8280 10 00 02`),
  bad("a head's bit that means nothing", `${HEAD} 01 ${KEPT} 40`),
  bad("a keyframe with records", `${HEAD} 01 ${KEPT} 09 01 02 04 40`),
  bad("a keyframe with gone", `${HEAD} 01 ${KEPT} 11 01 02`),
  bad("a leave with events", `${HEAD} 01 ${KEPT} 22 01 00 00 00`),
  bad("events with rows", `${HEAD} 01 ${KEPT} 07 01 02`),
  bad("a delta for a cell that is not held", `${HEAD} 01 00 00 00`),
  bad("leaving a cell that is not held", `${HEAD} 01 00 00 02`),
  bad("a cell twice", `${HEAD} 02 ${KEPT} 00 ${KEPT} 00`),
  bad("a delta in a fresh frame", `02 01 02 01 ${KEPT} 00`),
  bad("a leave in a fresh frame", "02 01 02 01 01 00 02"),
  bad("entity 0", `${HEAD} 01 ${KEPT} 08 01 00 04 40`),
  bad("records of nobody", `${HEAD} 01 ${KEPT} 08 00`),
  bad("rows of nobody", `${HEAD} 01 ${KEPT} 05 00`),
  bad("an empty mask", `${HEAD} 01 ${KEPT} 08 01 02 00 00`),
  bad("a mask bit without a field", `${HEAD} 01 ${KEPT} 08 01 02 808001`),
  bad("a record of an entity that is not held", `${HEAD} 01 ${KEPT} 08 01 05 04 40`),
  bad("the same entity twice", `${HEAD} 01 ${KEPT} 08 02 02 04 40 02 04 41`),
  bad("a position outside the cell", `${HEAD} 01 ${KEPT} 08 01 02 03 1000 0000`),
  bad("a position cut short", `${HEAD} 01 ${KEPT} 08 01 02 03 0800`),
  bad("a step cut short", `${HEAD} 01 ${KEPT} 08 01 02 01 40`),
  bad("a stride too long", `${HEAD} 01 ${KEPT} 08 01 02 02 0401 0000`),
  bad("a row with a step too long", `${HEAD} 01 ${KEPT} 05 01 02 0010 0010 8210 00 00 0000 00 00 00 00 00 0000 00000000 00 00 00000000`),
  bad("a name longer than allowed", `${HEAD} 01 ${KEPT} 08 01 02 10 31 ${"41".repeat(49)}`),
  bad("a name that is not UTF-8", `${HEAD} 01 ${KEPT} 08 01 02 10 02 c328`),
  bad("a name cut short", `${HEAD} 01 ${KEPT} 08 01 02 10 05 4141`),
  bad("a float that is NaN", `${HEAD} 01 ${KEPT} 08 01 02 8008 7fc00000`),
  bad("a float that is -0", `${HEAD} 01 ${KEPT} 08 01 02 8008 80000000`),
  bad("a bool that is 2", `${HEAD} 01 ${KEPT} 08 01 02 8010 02`),
  bad("more records than there are bytes", `${HEAD} 01 ${KEPT} 08 8040 02 04`),
  bad("gone without anybody", `${HEAD} 01 ${KEPT} 10 00`),
  bad("nobody gone", `${HEAD} 01 ${KEPT} 10 01 00`),
  bad("more gone than there are bytes", `${HEAD} 01 ${KEPT} 10 20 02`),
  bad("events of which there are none", `${HEAD} 01 ${KEPT} 20 00`),
  bad("more events than allowed", `${HEAD} 01 ${KEPT} 20 41 ${"000000".repeat(65)}`),
  bad("an event of a kind that does not exist", `${HEAD} 01 ${KEPT} 20 01 05 00 00`),
  bad("an event's text that is not UTF-8", `${HEAD} 01 ${KEPT} 20 01 00 00 01 ff`),
  bad("a control frame", `01 ${BYE}`),
];
