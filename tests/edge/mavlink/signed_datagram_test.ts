import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isSigned } from "../../../edge/ingest/mavlink/signed_datagram.ts";
import { type FrameOptions, positionOf } from "../../mavlink/frames.ts";
import { NOW_US } from "../../mavlink/streams.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i);
const MINUTE_US = 60_000_000;
const signed = (options: FrameOptions = {}, timeUs = NOW_US) =>
  positionOf(1000, { system: 7, signature: { key: KEY, timeUs }, ...options });

const isOurs = (datagram: Uint8Array) =>
  isSigned(datagram, { keyOf: (system) => system === 7 ? KEY : undefined, nowUs: NOW_US });

describe("a stranger's datagram", () => {
  const CASES: [what: string, datagram: Uint8Array, isOurs: boolean][] = [
    ["begins with a signed frame", signed(), true],
    ["goes on behind it", Uint8Array.of(...signed(), ...positionOf(1000)), true],
    ["was signed a minute ago", signed({}, NOW_US - MINUTE_US), true],
    ["was signed before that", signed({}, NOW_US - MINUTE_US - 10), false],
    ["is of a system without a key", signed({ system: 8 }), false],
    ["is signed by another key", signed({ signature: { key: KEY.toReversed(), timeUs: NOW_US } }), false],
    ["is not signed", positionOf(1000, { system: 7 }), false],
    ["is of MAVLink 1", positionOf(1000, { system: 7, v1: true }), false],
    ["has something before it", Uint8Array.of(0, ...signed()), false],
    ["ends within it", signed().subarray(0, -1), false],
    ["is empty", new Uint8Array(), false],
  ];
  for (const [what, datagram, expected] of CASES) {
    it(`that ${what} is ${expected ? "welcome" : "not"}`, () => assertEquals(isOurs(datagram), expected));
  }

  it("is not welcome once any of its bits is another", () => {
    const frame = signed();
    const welcome = Array.from({ length: frame.length * 8 }, (_, bit) => {
      const other = frame.slice();
      other[bit >> 3]! ^= 1 << (bit & 7);
      return isOurs(other);
    });
    assertEquals(welcome.indexOf(true), -1);
  });
});
