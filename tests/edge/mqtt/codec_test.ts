import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { generate, type IPublishPacket, type Packet, parser } from "mqtt-packet";
import { Codec } from "../../../edge/ingest/mqtt/codec.ts";
import type { Version } from "../../../edge/ingest/mqtt/version.ts";
import { plainPuback, readPlainPublish } from "../../../edge/ingest/mqtt/plain_packets.ts";

/** As the library alone reads it. */
function byLibrary(bytes: Uint8Array, protocolVersion: Version): Packet | null {
  let found: Packet | null = null;
  const library = parser({ protocolVersion });
  library.on("packet", (packet) => found = packet);
  library.on("error", () => found = null);
  library.parse(Buffer.from(bytes));
  return found;
}

function told({ qos, dup, retain, topic, payload, messageId }: IPublishPacket) {
  return { qos, dup, retain, topic, payload: [...payload as Uint8Array], ...messageId !== undefined && { messageId } };
}

const publish = fc.record({
  qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
  retain: fc.boolean(),
  topic: fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
  payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  messageId: fc.integer({ min: 1, max: 65_535 }),
  again: fc.boolean(),
});

describe("a plain PUBLISH", () => {
  it("is read as the library reads it", () => {
    fc.assert(fc.property(publish, fc.constantFrom(4 as const, 5 as const), ({ again, ...init }, version) => {
      const packet = { ...init, cmd: "publish" as const, dup: again && init.qos > 0 };
      const bytes = generate(packet, { protocolVersion: version });
      const read = readPlainPublish(bytes, version);
      assertEquals(read && told(read), told(byLibrary(bytes, version) as IPublishPacket));
    }));
  });

  it("is left to the library where it is not plain, or is no PUBLISH at all", () => {
    const init = {
      cmd: "publish",
      topic: "a/b",
      payload: "x",
      qos: 1,
      messageId: 1,
      dup: false,
      retain: false,
    } as const;
    const other = generate({ ...init, properties: { contentType: "x" } }, { protocolVersion: 5 });
    assertEquals(readPlainPublish(other, 5), null);
    assertEquals(readPlainPublish(generate({ cmd: "pingreq" }), 5), null);
    const whole = generate(init, { protocolVersion: 5 });
    for (let length = 2; length < whole.length - 1; length++) {
      assertEquals(readPlainPublish(whole.subarray(0, length), 5), null, `${length} bytes`);
    }
  });
});

describe("a plain PUBACK", () => {
  it("is what the library writes, to whoever reads it", () => {
    for (const version of [4, 5] as const) {
      for (const messageId of [1, 255, 256, 65_535]) {
        const read = byLibrary(plainPuback(messageId), version);
        assertEquals([read?.cmd, read?.messageId, new Codec().write({ cmd: "puback", messageId }, version)], [
          "puback",
          messageId,
          plainPuback(messageId),
        ]);
      }
    }
  });
});

describe("Codec", () => {
  it("throws over nothing that bytes can be, and reads the next packet as if nothing had been", () => {
    const codec = new Codec();
    const hostile = fc.uint8Array({ minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(hostile, fc.constantFrom(null, 4 as const, 5 as const), (bytes, version) => {
        codec.read(bytes, version);
        const ping = codec.read(generate({ cmd: "pingreq" }), 5);
        assertEquals("packet" in ping && ping.packet.cmd, "pingreq");
      }),
      { numRuns: 2000, examples: [[Uint8Array.of(98, 0, 0), 5]] },
    );
  });
});
