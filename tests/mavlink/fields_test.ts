// Single fields: unknown is absent, newer than the definitions is no reason to refuse, impossible is.
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Field, frameOf, type FrameOptions, payloadOf, positionOf } from "./frames.ts";
import { type ExpectedRecord, listen, NOW_US } from "./streams.ts";

const heartbeat = (autopilot: number, kind: number, { mode = 0, armed = true, state = 4 } = {}) => {
  const modes: Field[] = [["Uint32", 0, mode], ["Uint8", 6, armed ? 129 : 1], ["Uint8", 7, state]];
  return frameOf("heartbeat", payloadOf("heartbeat", ...modes, ["Uint8", 4, kind], ["Uint8", 5, autopilot]));
};
const landed = (state: number, options: FrameOptions = {}) =>
  frameOf("landed", payloadOf("landed", ["Uint8", 1, state]), options);

function heard(...frames: Uint8Array<ArrayBuffer>[]) {
  const { link, records } = listen();
  for (const frame of frames) link.push(frame, NOW_US);
  return { records, counts: link.counts(), last: records.at(-1) as ExpectedRecord | undefined };
}
const flags = (...frames: Uint8Array<ArrayBuffer>[]) => heard(...frames, positionOf(1000)).last![3];

describe("the flags of a record", () => {
  const [PX4, ARDUPILOT] = [12, 3];
  const px4 = (main: number, sub: number) => main * 2 ** 16 + sub * 2 ** 24;
  const CASES: [string, Uint8Array<ArrayBuffer>[], number][] = [
    ["say nothing of what nothing was said of", [], 0],
    ["say armed, and so in the air, when it is active", [heartbeat(PX4, 2)], 3],
    ["do not say in the air of one that stands by", [heartbeat(ARDUPILOT, 2, { state: 3 })], 1],
    ["do not say in the air of one that is not armed", [heartbeat(PX4, 2, { armed: false })], 0],
    ["say what EXTENDED_SYS_STATE says of the air, first of all", [heartbeat(PX4, 2), landed(1)], 1],
    ["go by the heartbeat again once that is not known", [heartbeat(PX4, 2), landed(1), landed(0)], 3],
    ["say landing", [landed(4)], 34],
    ["say nothing that another component says", [landed(4, { component: 191 })], 0],
    ["say emergency", [heartbeat(PX4, 2, { state: 5 }), landed(2)], 11],
    ["know PX4's mission", [heartbeat(PX4, 2, { mode: px4(4, 4) })], 7],
    ["know PX4's return", [heartbeat(PX4, 2, { mode: px4(4, 5) })], 19],
    ["know PX4's landing", [heartbeat(PX4, 2, { mode: px4(4, 6) })], 35],
    ["know ArduCopter's mission", [heartbeat(ARDUPILOT, 2, { mode: 3 })], 7],
    ["know ArduPlane's mission, which is another number", [heartbeat(ARDUPILOT, 1, { mode: 10 })], 7],
    ["know ArduPlane's landing of a quadplane", [heartbeat(ARDUPILOT, 20, { mode: 20 })], 35],
    ["know a rover's return", [heartbeat(ARDUPILOT, 10, { mode: 12 })], 19],
    ["know no other autopilot's modes", [heartbeat(14, 2, { mode: 3 })], 3],
    ["say that a fence is breached", [frameOf("fence", payloadOf("fence", ["Uint8", 6, 1]))], 64],
  ];
  for (const [sentence, frames, wanted] of CASES) it(sentence, () => assertEquals(flags(...frames), wanted));
});

describe("a value that is newer than the definitions", () => {
  const CASES: [string, Uint8Array<ArrayBuffer>][] = [
    ["heartbeat", heartbeat(200, 201, { state: 202 })],
    ["landed", landed(203)],
    ["fence", frameOf("fence", payloadOf("fence", ["Uint8", 7, 204], ["Uint8", 8, 205]))],
    ["gpsRaw", frameOf("gpsRaw", payloadOf("gpsRaw", ["Uint8", 28, 206]))],
    [
      "battery",
      frameOf(
        "battery",
        payloadOf("battery", ...[33, 34, 40, 49, 50].map((at) => ["Uint8", at, 207] as const)),
      ),
    ],
    ["distance", frameOf("distance", payloadOf("distance", ["Uint8", 10, 208], ["Uint8", 12, 209]))],
    ["ring", frameOf("ring", payloadOf("ring", ["Uint8", 156, 210], ["Uint8", 166, 211]))],
    [
      "systemStatus",
      frameOf("systemStatus", payloadOf("systemStatus", ["Uint32", 0, 0xffff_ffff], ["Uint32", 31, 0xffff_ffff])),
    ],
  ];
  for (const [name, frame] of CASES) {
    it(`of ${name} does not refuse the message`, () => {
      const { counts } = heard(frame);
      assertEquals([counts.unreadable, counts.remembered + counts.records], [0, 1]);
    });
  }
});

describe("a position", () => {
  it("of the last fix lasts for ten seconds", () => {
    const gps = frameOf("gpsRaw", payloadOf("gpsRaw", ["Uint8", 28, 3], ["Uint8", 29, 14], ["Uint32", 34, 500]));
    const { link, records } = listen();
    link.push(gps, NOW_US);
    link.push(positionOf(1000), NOW_US + 10_000_000);
    link.push(positionOf(1100), NOW_US + 10_000_001);
    assertEquals(records.map(([, , , , , { fixType, satellites, hAccMm }]) => [fixType, satellites, hAccMm]), [
      [3, 14, 500],
      [0, undefined, undefined],
    ]);
  });

  it("that is not on Earth, or that nobody knows yet, is none", () => {
    for (const [lat, lon] of [[900_000_001, 0], [0, -1_800_000_001], [-(2 ** 31), 1], [0, 0]] as const) {
      const { records, counts } = heard(
        frameOf("position", payloadOf("position", ["Int32", 4, lat], ["Int32", 8, lon])),
      );
      assertEquals([records.length, counts.unreadable], [0, 1], `${lat} ${lon}`);
    }
  });
});

describe("a battery", () => {
  const unknown: Field[] = [["Int16", 8, 32_767], ["Int16", 30, -1], ["Int8", 35, -1]];
  const cells = (mv: number) => Array.from({ length: 10 }, (_, i) => ["Uint16", 10 + 2 * i, mv] as const);
  const system = frameOf("systemStatus", payloadOf("systemStatus", ["Uint16", 14, 15_000], ["Int16", 16, -1]));

  it("of which nothing is known is none", () => {
    const { records, counts } = heard(frameOf("battery", payloadOf("battery", ...unknown, ...cells(65_535))));
    assertEquals([records.length, counts.remembered], [0, 1]);
  });

  it("is SYS_STATUS's until a pack has told of itself", () => {
    const pack = frameOf("battery", payloadOf("battery", ["Uint16", 10, 3900], ["Uint8", 32, 1]));
    const { records } = heard(system, pack, system);
    assertEquals(records.map(([, , , , , { id, voltageMv }]) => [id, voltageMv]), [[0, 15_000], [1, 3900]]);
  });

  it("that has more than all of its charge left says nothing of that", () => {
    const { last } = heard(frameOf("battery", payloadOf("battery", ["Int8", 35, 101], ["Uint16", 10, 3900])));
    assertEquals(last![5].remainingCpct, undefined);
  });
});

describe("a ring of obstacles", () => {
  it("is told by bearings that there are, whatever its floats are", () => {
    for (const offset of [NaN, Infinity, -Infinity, 1e30, -1e30, 719.5, -0.004]) {
      const { last } = heard(frameOf("ring", payloadOf("ring", ["Float32", 162, offset], ["Float32", 158, offset])));
      const hits = last![5].hits as [number, number, number][];
      assertEquals([hits.length, hits.every(([cdeg]) => cdeg >= 0 && cdeg < 36_000)], [16, true], `${offset}`);
    }
  });
});
