// Signing as MAVLink's guide demands it, by our clock.
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { frameOf, type FrameOptions, payloadOf, positionOf } from "./frames.ts";
import { listen, loadStream, mavlink, NOW_US } from "./streams.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i);
const OTHER = new Uint8Array(32).fill(7);
const MINUTE_US = 60_000_000;
const signed = (timeUs = NOW_US, options: FrameOptions = {}) =>
  positionOf(1000, { signature: { key: KEY, timeUs }, ...options });

describe("a vehicle with a key", () => {
  const CASES: [string, Uint8Array<ArrayBuffer>[], { records: number; [count: string]: number }][] = [
    ["is heard when it signs with it", [signed()], { records: 1 }],
    ["is not heard unsigned", [positionOf(1000)], { records: 0, unsigned: 1 }],
    ["is not heard in MAVLink 1, which cannot sign", [positionOf(1000, { v1: true })], { records: 0, unsigned: 1 }],
    ["is not heard signed by another", [positionOf(1000, { signature: { key: OTHER, timeUs: NOW_US } })], {
      ...{ records: 0, wrongSignatures: 1 },
    }],
    ["is not heard twice by the same frame", [signed(), signed()], { records: 1, replayed: 1 }],
    ["is not heard by an older one of its stream", [signed(NOW_US + 20), signed(NOW_US)], { records: 1, replayed: 1 }],
    ["is heard in the order of its signatures", [signed(NOW_US), signed(NOW_US + 10)], { records: 2 }],
    ["is not heard as a recording that is over a minute old", [signed(NOW_US - MINUTE_US - 10)], {
      ...{ records: 0, replayed: 1 },
    }],
    ["is heard with a clock that is a minute behind", [signed(NOW_US - MINUTE_US)], { records: 1 }],
    ["is heard with a clock that is a year ahead", [signed(NOW_US + 525_600 * MINUTE_US)], { records: 1 }],
    ["has a stream for each of its links", [
      signed(NOW_US + 20),
      positionOf(1000, { signature: { key: KEY, timeUs: NOW_US, linkId: 1 } }),
    ], { records: 2 }],
    [
      "signs in at most 16 streams",
      Array.from({ length: 17 }, (_, linkId) => positionOf(1000, { signature: { key: KEY, timeUs: NOW_US, linkId } })),
      { records: 16, replayed: 1 },
    ],
  ];
  for (const [sentence, frames, wanted] of CASES) {
    it(sentence, () => {
      const { link, records } = listen({ key: KEY });
      for (const frame of frames) link.push(frame, NOW_US);
      const { records: _, ...others } = wanted;
      assertEquals(records.length, wanted.records);
      const counts: Record<string, number> = link.counts();
      for (const [name, count] of Object.entries(others)) assertEquals(counts[name], count, name);
    });
  }

  it("is not heard once a bit of what it signed is another, wherever", () => {
    const frame = signed();
    for (let at = 10; at < frame.length; at++) {
      const { link, records } = listen({ key: KEY });
      link.push(frame.with(at, frame[at]! ^ 1), NOW_US);
      assertEquals(records, [], `byte ${at}`);
    }
  });

  it("does not make its clock the clock of another vehicle", () => {
    const { link, records } = listen({ key: KEY });
    link.push(signed(NOW_US + 525_600 * MINUTE_US, { system: 1 }), NOW_US);
    link.push(signed(NOW_US, { system: 2 }), NOW_US);
    assertEquals(records.map(([system]) => system), [1, 2]);
  });

  it("is not heard by a recording on another link, which is none of its own", () => {
    const on = mavlink();
    const first = listen({ key: KEY, on });
    first.link.push(signed(), NOW_US);
    first.link.close();
    const second = listen({ key: KEY, on });
    second.link.push(signed(), NOW_US + 1_000_000);
    second.link.push(signed(NOW_US + 1_000_000), NOW_US + 1_000_000);
    assertEquals([first.records.length, second.records.length, second.link.counts().replayed], [1, 1, 1]);
  });

  it("is not heard by a recording beside its own link, and is heard on a second one", () => {
    const on = mavlink();
    const SECOND_US = 1_000_000;
    const first = listen({ key: KEY, on });
    for (const timeUs of [NOW_US, NOW_US + SECOND_US]) first.link.push(signed(timeUs), timeUs);
    const [second, third] = [listen({ key: KEY, on }), listen({ key: KEY, on })];
    for (const { link } of [second, third]) {
      for (const timeUs of [NOW_US, NOW_US + SECOND_US]) link.push(signed(timeUs), NOW_US + SECOND_US);
    }
    assertEquals([second.records, third.records], [[], []]);
    const later = NOW_US + 2 * SECOND_US;
    second.link.push(signed(later), later);
    third.link.push(signed(later + 10), later);
    first.link.push(signed(later + 20), later);
    assertEquals([first, second, third].map(({ records }) => records.length), [3, 1, 1]);
    assertEquals([second, third].map(({ link }) => link.counts().replayed), [2, 2]);
    // The newest of all counts, whichever of them is gone.
    first.link.close();
    third.link.close();
    const fourth = listen({ key: KEY, on });
    for (const timeUs of [later + 10, later + 20, later + 30]) fourth.link.push(signed(timeUs), later);
    assertEquals([fourth.records.length, fourth.link.counts().replayed], [1, 2]);
  });

  it("has lost nothing of what it sent beside: unsigned words of others do not count", () => {
    const { link } = listen({ key: KEY });
    link.push(signed(NOW_US, { sequence: 1 }), NOW_US);
    link.push(frameOf("attitude", payloadOf("attitude"), { sequence: 100 }), NOW_US);
    link.push(signed(NOW_US + 10, { sequence: 2 }), NOW_US);
    assertEquals(link.vehicles(), [{ system: 1, droneId: "mav-1", heard: 2, lost: 0 }]);
  });
});

describe("a key", () => {
  it("is each system's own", () => {
    const admit = (system: number) => ({ droneId: `mav-${system}`, ...(system === 1 ? { key: KEY } : {}) });
    const { link, records } = listen({ admit });
    link.push(positionOf(1000, { system: 1 }), NOW_US);
    link.push(positionOf(1000, { system: 2 }), NOW_US);
    assertEquals(records.map(([system]) => system), [2]);
  });

  it("of another length than 32 bytes is refused", () => {
    const { link } = listen({ key: new Uint8Array(31) });
    assertThrows(() => link.push(signed(), NOW_US), RangeError, "Cannot admit mav-1: a key of 31 bytes");
  });

  it("that is none lets signed frames be heard as they are", async () => {
    const { bytes, records: expected } = await loadStream("signed");
    const { link, records } = listen();
    link.push(bytes, NOW_US);
    assertEquals(records.length, expected.length);
  });

  it("that is wrong lets nothing of a whole stream be heard", async () => {
    const { bytes } = await loadStream("signed");
    const { link, records } = listen({ key: OTHER });
    link.push(bytes, NOW_US);
    assertEquals([records.length, link.counts().wrongSignatures > 1000], [0, true]);
  });
});
