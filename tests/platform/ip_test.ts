import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isIP as nodeIsIP } from "node:net";
import { isIP } from "../../platform/ip.ts";

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
