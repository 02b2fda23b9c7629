import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TlogReader } from "../../wasm/mavlink/tlog.ts";
import { positionOf } from "./frames.ts";
import { listen, NOW_US } from "./streams.ts";

const KEY = new Uint8Array(32);
const frames = [
  positionOf(1000),
  positionOf(1100, { v1: true }),
  positionOf(1200, { signature: { key: KEY, timeUs: NOW_US } }),
  positionOf(1300),
];

/** A log of these frames, a second apart, with something before each. */
function logOf(noise: number[] = []): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(frames.flatMap((frame, i) => {
    const time = new DataView(new ArrayBuffer(8));
    time.setBigUint64(0, BigInt(NOW_US + i * 1_000_000));
    return [...noise, ...new Uint8Array(time.buffer), ...frame];
  }));
}

function read(pieces: Uint8Array<ArrayBuffer>[]): [number, number[]][] {
  const reader = new TlogReader();
  return pieces.flatMap((piece) =>
    Array.from(reader.read(piece), ({ nowUs, frame }): [number, number[]] => [
      (nowUs - NOW_US) / 1_000_000,
      [...frame],
    ])
  );
}

const expected = frames.map((frame, i): [number, number[]] => [i, [...frame]]);

describe("TlogReader", () => {
  it("reads each frame with the time it came at", () => {
    assertEquals(read([logOf()]), expected);
  });

  it("reads the same from a log that is cut anywhere", () => {
    const log = logOf();
    for (let at = 0; at <= log.length; at++) assertEquals(read([log.subarray(0, at), log.subarray(at)]), expected);
    assertEquals(read(Array.from(log, (byte) => Uint8Array.of(byte))), expected);
  });

  it("skips what is no frame", () => {
    assertEquals(read([logOf([0xfd, 0, 0xfe, 1, 2, 3, 0xfd, 9, 9, 9, 9, 9])]), expected);
  });

  it("gives what a link makes records of, each at its time", () => {
    const { link, records } = listen();
    for (const { nowUs, frame } of new TlogReader().read(logOf())) link.push(frame, nowUs);
    assertEquals(records.length, frames.length);
  });
});
