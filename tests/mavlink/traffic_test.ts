// Other aircraft, as receivers on board pass them on.
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Traffic } from "../../wasm/mavlink/traffic.ts";
import { type Field, frameOf, payloadOf } from "./frames.ts";
import { listen, loadStream, NOW_US, sorted } from "./streams.ts";

function heard(...frames: Uint8Array<ArrayBuffer>[]): Traffic[] {
  const traffic: Traffic[] = [];
  const { link } = listen({ onTraffic: (aircraft) => traffic.push(aircraft) });
  for (const frame of frames) link.push(frame, NOW_US);
  return traffic;
}

const mac = (n: number, at: number): Field[] => [["Uint32", at, n]];
const identity = (n: number) => frameOf("basicId", payloadOf("basicId", ...mac(n, 2), ["Uint8", 24, 65]));
const location = (n: number) => frameOf("location", payloadOf("location", ...mac(n, 32), ["Int32", 0, 1]));

/** Messages of 25 bytes in a pack. */
function pack(messages: number[][], { size = 25, count = messages.length } = {}): Uint8Array<ArrayBuffer> {
  const payload = payloadOf("pack", ...mac(0x0a, 2), ["Uint8", 22, size], ["Uint8", 23, count]);
  messages.forEach((message, i) => payload.set(message, 24 + 25 * i));
  return frameOf("pack", payload);
}

/** As ASTM F3411-22a encodes it: 47.3977418, 8.5455938; 100 m by pressure, 150.5 m above the ellipsoid. */
const where = (flags: number, track: number, [speed, climb]: [number, number]) => {
  const place = new DataView(new ArrayBuffer(12));
  place.setInt32(0, 473_977_418, true);
  place.setInt32(4, 85_455_938, true);
  place.setUint16(8, (100 + 1000) * 2, true);
  place.setUint16(10, (150.5 + 1000) * 2, true);
  return [0x12, flags, track, speed, climb & 255, ...new Uint8Array(place.buffer)];
};
const who = [0x02, 0x12, ..."REMOTE-7"].map((byte) => typeof byte === "string" ? byte.charCodeAt(0) : byte);

describe("traffic", () => {
  it("is what pymavlink wrote of others, and nothing of the vehicle itself", async () => {
    const { bytes, ...expected } = await loadStream("traffic") as unknown as {
      bytes: Uint8Array<ArrayBuffer>;
      traffic: Record<string, unknown>[];
    };
    assertEquals(heard(bytes).map((aircraft) => sorted({ ...aircraft })), expected.traffic.map(sorted));
  });

  it("is heard of a vehicle that is admitted, and signs if it must", () => {
    const traffic: Traffic[] = [];
    const { link } = listen({ key: new Uint8Array(32), onTraffic: (aircraft) => traffic.push(aircraft) });
    link.push(location(7), NOW_US);
    assertEquals([traffic, link.counts().unsigned], [[], 1]);
  });

  it("is named for as long as there are not too many", () => {
    const all = Array.from({ length: 257 }, (_, i) => i + 1);
    const traffic = heard(...all.map(identity), location(1), location(2), location(257));
    assertEquals(traffic.map(({ name }) => name), [null, "A", "A"]);
  });

  it("is unpacked from what was sent over the air", () => {
    const [aircraft] = heard(pack([who, where(0x22, 90, [40, -6])]));
    assertEquals(aircraft, {
      ...{ source: "remote-id", address: "0a", name: "REMOTE-7", category: 2, crewed: false },
      ...{ latE7: 473_977_418, lonE7: 85_455_938, altitude: { mm: 150_500, above: "ellipsoid" } },
      ...{ trackCdeg: 27_000, speedCms: 1000, climbCms: -300, airborne: true, ageS: null },
    } as Traffic);
  });

  it("is unpacked with what is unknown left out, and with the other scale of its speed", () => {
    const [unknown] = heard(pack([where(0x13, 181, [255, 126])]));
    assertEquals([unknown!.trackCdeg, unknown!.speedCms, unknown!.climbCms, unknown!.airborne], [
      null,
      null,
      null,
      false,
    ]);
    const [quick] = heard(pack([where(0x21, 90, [10, 0])]));
    assertEquals([quick!.trackCdeg, quick!.speedCms], [9000, 7125]);
  });

  it("is none of a pack that says wrong of itself", () => {
    assertEquals(heard(pack([where(0, 0, [0, 0])], { size: 24 }), pack([where(0, 0, [0, 0])], { count: 0 })), []);
    assertEquals(heard(pack([where(0x20, 0, [0, 0])], { count: 255 })).length, 1);
  });
});
