import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { Splitter } from "../../../edge/ingest/mqtt/splitter.ts";

function packet(body: Uint8Array): Uint8Array {
  const length: number[] = [];
  for (let rest = body.length, more = true; more;) {
    more = rest >= 128;
    length.push(rest % 128 + (more ? 128 : 0));
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.from([0x30, ...length, ...body]);
}

function split(chunks: Iterable<Uint8Array>, bytesMax = 1 << 20) {
  const splitter = new Splitter(bytesMax);
  const packets: Uint8Array[] = [];
  for (const chunk of chunks) for (const whole of splitter.take(chunk, 0)) packets.push(whole.slice());
  return { packets, splitter };
}

describe("Splitter", () => {
  it("finds the same packets wherever their bytes are cut", () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 });
    fc.assert(fc.property(bodies, fc.array(fc.nat({ max: 400 })), (bodies, cuts) => {
      const packets = bodies.map(packet);
      const bytes = new Uint8Array(Buffer.concat(packets));
      const chunks: Uint8Array[] = [];
      let at = 0;
      for (const cut of cuts) chunks.push(bytes.slice(at, at += cut));
      assertEquals(split([...chunks, bytes.slice(at)]).packets, packets);
    }));
  });

  it("finds the same packets in bytes that come one by one, and cut in two at every place", () => {
    const packets = [packet(new Uint8Array(200).fill(7)), packet(new Uint8Array(0)), packet(Uint8Array.of(1, 2))];
    const bytes = new Uint8Array(Buffer.concat(packets));
    assertEquals(split(Array.from(bytes, (byte) => Uint8Array.of(byte))).packets, packets);
    for (let at = 0; at <= bytes.length; at++) {
      assertEquals(split([bytes.slice(0, at), bytes.slice(at)]).packets, packets);
    }
  });

  it("believes no length beyond its limit, nor one without an end", () => {
    assertEquals(split([packet(new Uint8Array(98))], 100).splitter.fault, null);
    assertEquals(split([packet(new Uint8Array(99))], 100).splitter.fault, "too-large");
    assertEquals(split([Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f)], 1 << 20).splitter.fault, "too-large");
    assertEquals(split([Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff)], 1 << 20).splitter.fault, "malformed");
  });

  it("knows since when a packet waits for its end", () => {
    const splitter = new Splitter(100);
    const take = (bytes: number[], nowMs: number) => [...splitter.take(Uint8Array.from(bytes), nowMs)].length;
    assertEquals([take([0x30], 5), take([3, 1], 6), splitter.unfinishedSinceMs], [0, 0, 5]);
    assertEquals([take([2, 3, 0x30], 7), splitter.unfinishedSinceMs], [1, 7]);
    assertEquals([take([0], 8), splitter.unfinishedSinceMs], [1, null]);
  });
});
