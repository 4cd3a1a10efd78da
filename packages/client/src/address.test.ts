// A world's addresses are told from what a person typed, and from nothing else.
import { describe, expect, test } from "vitest";
import { gatewayAddresses, worldAddress } from "./address.ts";

describe("addresses", () => {
  test.each([
    ["127.0.0.1:4000", "http://127.0.0.1:4000", "ws://127.0.0.1:4000/play"],
    ["http://tavern.example", "http://tavern.example", "ws://tavern.example/play"],
    ["https://tavern.example/", "https://tavern.example", "wss://tavern.example/play"],
    ["wss://tavern.example/elsewhere", "https://tavern.example", "wss://tavern.example/elsewhere"],
    ["ws://[::1]:8080", "http://[::1]:8080", "ws://[::1]:8080/play"],
  ])("%s", (typed, base, link) => {
    expect(worldAddress(typed)).toEqual({ ok: true, value: { base, link } });
  });

  test.each([
    ["ftp://tavern.example"],
    ["http://name:secret@tavern.example"],
    ["http://"],
    [`http://${"a".repeat(300)}`],
    ["javascript:alert(1)"],
  ])("%s is refused", (typed) => {
    expect(worldAddress(typed)).toMatchObject({ ok: false, fault: { code: "malformed" } });
  });

  test("gateways are relative to the world's own host, and only http counts", () => {
    const gateways = ["/", "/blocks/", "https://mirror.example", "file:///etc", "nonsense"];
    expect(gatewayAddresses("http://a:1", gateways)).toEqual(["http://a:1", "http://a:1/blocks", "https://mirror.example"]);
  });
});
