import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { frames } from "./arbitrary_frames.ts";
import { encode } from "./frames.ts";
import { judge } from "./judge.ts";

const oneBit = (bytes: Uint8Array, at: number): Uint8Array => {
  const flipped = bytes.slice();
  const index = Math.floor(at / 8) % Math.max(1, flipped.length);
  if (flipped.length > 0) flipped[index] = flipped[index]! ^ (1 << at % 8);
  return flipped;
};

describe("the hot path and @bufbuild/protobuf", () => {
  it("agree on every field of valid frames", async () => {
    const check = await judge();
    fc.assert(fc.property(frames, (init) => check(encode(init))), { numRuns: 1500 });
  });

  it("agree on frames with flipped bits, and on what is left of cut ones", async () => {
    const check = await judge();
    const flips = fc.array(fc.nat({ max: 100_000 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(frames, flips, fc.nat(), (init, at, cut) => {
        const bytes = at.reduce(oneBit, encode(init));
        check(bytes);
        check(bytes.subarray(0, cut % (bytes.length + 1)));
      }),
      { numRuns: 3000 },
    );
  });

  it("agree on frames put together of two: fields in any order, merged messages, last value wins", async () => {
    const check = await judge();
    fc.assert(
      fc.property(frames, frames, (a, b) => check(Uint8Array.from([...encode(a), ...encode(b)]))),
      { numRuns: 500 },
    );
  });

  it("agree on random bytes", async () => {
    const check = await judge();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => check(bytes)), { numRuns: 5000 });
  });

  it("agree on a frame cut at every byte", async () => {
    const check = await judge();
    const [init] = fc.sample(frames.filter(({ records }) => records!.length > 5), { numRuns: 1, seed: 7 });
    const bytes = encode(init!);
    for (let length = 0; length <= bytes.length; length++) check(bytes.subarray(0, length));
  });

  // By hand: a record of seq 1 with these body bytes, in a frame of drone "d".
  const field = (tag: number, content: number[]) => [tag, content.length, ...content];
  const ack = (...content: number[]) => Uint8Array.from([10, 1, 100, ...field(34, content)]);
  const framed = (record: number[]) => Uint8Array.from([10, 1, 100, ...field(26, [8, 1, ...record])]);
  for (
    const [name, bytes] of [
      ["a non-minimal varint", framed([24, 0x81, 0x80, 0x00, ...field(42, [])])],
      ["a ten-byte varint", framed([24, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, ...field(42, [])])],
      ["an eleven-byte varint", framed([24, ...Array(10).fill(0x80), 1, ...field(42, [])])],
      ["a battery merged of two", framed([...field(42, [8, 1]), ...field(42, [16, 5])])],
      ["a battery after a position", framed([...field(34, [13, 1, 0, 0, 0]), ...field(42, [8, 1])])],
      [
        "a battery cleared by a position and begun again",
        framed([
          ...field(42, [8, 1]),
          ...field(34, []),
          ...field(42, [16, 5]),
        ]),
      ],
      [
        "unknown fields of all wire types",
        framed([
          ...field(42, [8, 1]),
          ...[0x78, 1, 0x79, ...Array(8).fill(1), 0x7a, 1, 1, 0x7d, 1, 1, 1, 1],
        ]),
      ],
      ["a known number of another wire type", framed([...field(42, [8, 1]), 0x0a, 1, 7])],
      ["a group", framed([...field(42, []), 0x7b, 0x7c])],
      ["wire type 7", framed([...field(42, []), 0x7f])],
      ["field number 0", framed([...field(42, []), 0x00, 0x01])],
      ["a length over the end", Uint8Array.of(10, 100, 100)],
      ["a length of 2^32 and more", Uint8Array.of(10, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01)],
      ["a nested length over its message", framed([42, 5, 8, 1])],
      ["an id with an overlong sequence", Uint8Array.of(10, 2, 0xc0, 0xaf)],
      ["an id with a surrogate", Uint8Array.of(10, 3, 0xed, 0xa0, 0x80)],
      ["an id past U+10FFFF", Uint8Array.of(10, 4, 0xf4, 0x90, 0x80, 0x80)],
      ["an id of 64 bytes", Uint8Array.of(10, 64, ...Array(64).fill(97))],
      ["an id of 65 bytes", Uint8Array.of(10, 65, ...Array(65).fill(97))],
      ["no id", framed([]).subarray(3)],
      ["an event time of 2^32 s", framed([17, 0, 0x40, 0x42, 0x0f, 0, 0x40, 0x42, 0x0f, ...field(42, [])])],
      ["a record without a body", framed([])],
      ["an empty alert acknowledgement", ack()],
      ["an alert acknowledgement whose last values win", ack(8, 1, 24, 2, 8, 3, 17, ...Array(8).fill(4), 24, 5)],
      ["an alert id past 64 bits", ack(8, ...Array(9).fill(0xff), 0x7f)],
      ["an alert id of eleven bytes", ack(8, ...Array(10).fill(0x80), 1)],
      ["a revision past 32 bits", ack(24, 0x81, 0x80, 0x80, 0x80, 0x7f)],
      ["an alert id, time and revision of other wire types", ack(9, ...Array(8).fill(1), 16, 5, 29, 1, 1, 1, 1, 8, 7)],
      ["an alert acknowledgement with a later field", ack(8, 1, 34, 2, 8, 9, 0x7d, 1, 1, 1, 1)],
      ["an alert acknowledgement cut in its time", ack(8, 1, 17, 1, 2, 3)],
      ["an alert acknowledgement with a group", ack(8, 1, 0x7b, 0x7c)],
    ] as const
  ) {
    it(`agree on ${name}`, async () => (await judge())(bytes));
  }
});
