// When a vehicle measured, and which of its boots it was in.
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { frameOf, payloadOf, positionOf } from "./frames.ts";
import { listen, NOW_US } from "./streams.ts";

const S_US = 1_000_000;
const UNIX_US = 1_780_000_000_000_000;
const systemTime = (unixUs: number, bootMs: number, component = 1) =>
  frameOf("systemTime", payloadOf("systemTime", ["Uint64", 0, unixUs], ["Uint32", 8, bootMs]), { component });

/** What a vehicle says at these times after `NOW_US`: [s, frame]. */
function heard(...said: [number, Uint8Array<ArrayBuffer>][]) {
  const { link, records, boots } = listen();
  for (const [s, frame] of said) link.push(frame, NOW_US + s * S_US);
  return { records, boots, times: records.map(([, , timeUs]) => (timeUs - NOW_US) / S_US) };
}

describe("the time of a record", () => {
  it("is that of its arrival when nothing else is known", () => {
    assertEquals(heard([0, positionOf(1000)]).times, [0]);
  });

  it("is told by the quickest arrival: what took longer was measured earlier", () => {
    const { times } = heard([0, positionOf(1000)], [1.4, positionOf(2000)], [2, positionOf(3000)]);
    assertEquals(times.map((s) => Math.round(s * 1000)), [0, 1000, 2000]);
  });

  it("follows a clock that drifts, by a ten-thousandth", () => {
    const { times } = heard([0, positionOf(1000)], [1000.05, positionOf(1_001_000)]);
    assertEquals(times[1]!.toFixed(2), "1000.05");
  });

  it("is the vehicle's own once SYSTEM_TIME has told it", () => {
    const { records } = heard([0, systemTime(UNIX_US, 5000)], [3, positionOf(6000)]);
    assertEquals(records.map(([, , timeUs]) => timeUs), [UNIX_US + S_US]);
  });

  it("is none that a vehicle without a clock, or with a broken one, makes up", () => {
    for (const unixUs of [0, 1_000_000, 2 ** 32 * 1e6, 2 ** 63]) {
      assertEquals(heard([0, systemTime(unixUs, 5000)], [1, positionOf(6000)]).times, [1], `${unixUs}`);
    }
  });

  it("is that of its arrival where the vehicle does not know when it has booted", () => {
    const said = [positionOf(60_000), systemTime(UNIX_US, 0), positionOf(0), positionOf(67_000)];
    const { times, boots } = heard(...said.map((frame, i): [number, typeof frame] => [7 * i, frame]));
    assertEquals([times.map(Math.round), new Set(boots).size], [[0, 14, 7], 1]);
  });

  it("is never later than 2^32 seconds, which is no event time", () => {
    const { records } = heard([0, systemTime(2 ** 32 * 1e6 - 1, 5000)], [1, positionOf(4_000_000)]);
    assertEquals(records.map(([, , timeUs]) => timeUs), [2 ** 32 * 1e6 - 1]);
  });

  it("is not told by another component's boot", () => {
    const distance = frameOf("distance", payloadOf("distance", ["Uint32", 0, 77]), { component: 191 });
    const { times, boots } = heard([0, positionOf(60_000)], [1, systemTime(UNIX_US, 77, 191)], [2, distance]);
    assertEquals([times, new Set(boots).size], [[0, 2], 1]);
  });

  it("of a ring of obstacles is Unix time or since boot, as it was sent, and else that of its arrival", () => {
    const ring = (timeUs: number, component = 1) =>
      frameOf("ring", payloadOf("ring", ["Uint64", 0, timeUs]), { component });
    const { records, times } = heard(
      [0, positionOf(10_000)],
      [2, ring(11_000_000)],
      [3, ring(0)],
      [4, ring(11_000_000, 196)],
      [5, ring(UNIX_US, 196)],
      [6, ring(2 ** 63)],
    );
    assertEquals(times.slice(0, 4), [0, 1, 3, 4]);
    assertEquals(records[4]![2], UNIX_US);
    assertEquals(times[5], 6);
  });
});

describe("a boot", () => {
  it("is another one when the time since it falls back", () => {
    const { records, boots } = heard([0, positionOf(60_000)], [1, positionOf(61_000)], [5, positionOf(500)]);
    assertEquals(records.map(([, seq]) => seq), [1, 2, 1]);
    assertEquals([boots[0] === boots[1], boots[2]! > boots[1]!], [true, true]);
  });

  it("is another one even when the one before lasted for seconds", () => {
    const { records, times } = heard([0, positionOf(8000)], [7, positionOf(1000)]);
    assertEquals([records.map(([, seq]) => seq), times], [[1, 1], [0, 7]]);
  });

  it("is the same after a silence", () => {
    const { records } = heard([0, positionOf(60_000)], [60, positionOf(120_000)]);
    assertEquals(records.map(([, seq]) => seq), [1, 2]);
  });

  it("is the same when a frame was overtaken on the way", () => {
    const { records } = heard([0, positionOf(60_000)], [0.1, positionOf(59_000)], [0.2, positionOf(60_200)]);
    assertEquals(records.map(([, seq]) => seq), [1, 2, 3]);
  });

  it("is the same for a vehicle whose clock is years off, when a frame was overtaken", () => {
    const said = [systemTime(UNIX_US, 60_000), positionOf(60_100), positionOf(60_050), positionOf(60_200)];
    const { records, boots } = heard(...said.map((frame, i): [number, typeof frame] => [i / 10, frame]));
    assertEquals([records.map(([, seq]) => seq), new Set(boots).size], [[1, 2, 3], 1]);
  });

  it("forgets what the vehicle said of itself before", () => {
    const flying = frameOf("landed", payloadOf("landed", ["Uint8", 1, 2]));
    const { records } = heard([0, flying], [1, positionOf(60_000)], [5, positionOf(500)]);
    assertEquals(records.map(([, , , flags]) => flags), [2, 0]);
  });

  it("has a number of its own on each link", () => {
    const [a, b] = [heard([0, positionOf(1)]), heard([0.01, positionOf(1)])];
    assertEquals(a.boots[0]! + 1, b.boots[0]!);
  });
});
