import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isIP as nodeIsIP } from "node:net";
import { isIP, spelled } from "../../platform/ip.ts";

const TEXTS = [
  ...[
    "127.0.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "256.0.0.1",
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "1.2.3.04",
    "1.2.3.4 ",
    "",
  ],
  ...["::", "::1", "fe80::1", "2001:db8::8:800:200c:417a", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8", "A::b"],
  ...[
    "1:2:3:4:5:6:7:8:9",
    "1::2::3",
    ":",
    ":::",
    "g::1",
    "::1]",
    "[::1]",
    "::1/64",
    "12345::",
    "::1.2.3",
    "localhost",
    "1",
  ],
];

describe("isIP", () => {
  for (const text of TEXTS) {
    it(`says of ${JSON.stringify(text)} what Node says`, () => assertEquals(isIP(text), nodeIsIP(text)));
  }
});

describe("an address", () => {
  const SPELLINGS = [
    ["10.0.0.1", "10.0.0.1"],
    ["2001:DB8:0:0::8", "2001:db8::8"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["::FFFF:10.0.255.1", "10.0.255.1"],
    ["::ffff:a00:1", "10.0.0.1"],
  ] as const;
  for (const [address, spelling] of SPELLINGS) {
    it(`${address} is spelled ${spelling}`, () => assertEquals(spelled(address), spelling));
  }
});
