// What a link holds, and what it refuses.
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { MavlinkLink } from "../../wasm/mavlink/link.ts";
import { MavlinkSandbox } from "../../wasm/mavlink/sandbox.ts";
import { Signatures } from "../../wasm/mavlink/signatures.ts";
import { decode } from "../wasm/frames.ts";
import { frameOf, payloadOf, positionOf } from "./frames.ts";
import { listen, loadStream, mavlink, NOW_US } from "./streams.ts";

const LINKS_MAX = 4096;
const binary = await Deno.readFile(new URL("../../wasm/mavlink/pkg/mavlink_bg.wasm", import.meta.url));

describe("a link", () => {
  it("asks once for each vehicle who it is, and hears nothing of one that is denied", () => {
    const asked: number[] = [];
    const { link, records } = listen({
      admit: (system) => {
        asked.push(system);
        return system === 2 ? null : { droneId: `mav-${system}` };
      },
    });
    for (const system of [1, 2, 1, 2]) link.push(positionOf(1000, { system }), NOW_US);
    assertEquals([asked, records.length, link.counts().denied], [[1, 2], 2, 2]);
  });

  it("asks for nobody who says nothing that counts, such as a radio", () => {
    const { link } = listen({ admit: (system) => ({ droneId: `mav-${system}` }) });
    link.push(frameOf("radioStatus", payloadOf("radioStatus"), { system: 51, component: 68 }), NOW_US);
    link.push(frameOf("attitude", payloadOf("attitude"), { system: 52 }), NOW_US);
    assertEquals([link.vehicles(), link.counts().unmapped], [[], 2]);
  });

  it("hears systems 1 to 250, and no ground station, nobody, and none of 32 bits", () => {
    const { link, records } = listen();
    const systems = [0, 1, 250, 251, 255];
    for (const system of systems) link.push(positionOf(1000, { system }), NOW_US);
    for (const system of [1, 256, 70_000]) link.push(positionOf(1000, { system, wide: true }), NOW_US);
    assertEquals([records.map(([system]) => system), link.counts().noVehicles], [[1, 250, 1], 5]);
  });

  it("does not read a frame with a flag that it does not know, as MAVLink demands", () => {
    const { link, records } = listen();
    for (const flags of [4, 8, 128]) link.push(positionOf(1000, { flags }), NOW_US);
    assertEquals(records, []);
  });

  it("has as many vehicles as it may", () => {
    const { link, records } = listen({ vehiclesMax: 3 });
    for (let system = 1; system <= 250; system++) link.push(positionOf(1000, { system }), NOW_US);
    assertEquals([records.length, link.vehicles().length, link.counts().denied], [3, 3, 247]);
  });

  it("tells of a piece of any length, whatever follows from it", async () => {
    const { bytes, nowUs, records: expected } = await loadStream("v2");
    const { link, records } = listen();
    const all = new Uint8Array(bytes.length * 10);
    for (let i = 0; i < 10; i++) all.set(bytes, i * bytes.length);
    link.push(all, nowUs);
    assertEquals(link.counts().records, records.length);
    assertEquals(records.length > 9 * expected.length, true);
  });

  it("fills its output over and over where short frames have much to tell", () => {
    // Nearest of all: 72 hits at no distance, in a payload that was cut off to one byte.
    const ring = frameOf("ring", payloadOf("ring"));
    const frames = Math.floor(16_384 / ring.length);
    const { link, records } = listen();
    link.push(new Uint8Array(frames * ring.length).map((_, i) => ring[i % ring.length]!), NOW_US);
    assertEquals([records.length, (records[0]![5].hits as unknown[]).length], [frames, 16]);
  });

  it("tells at most 256 records in one frame, which a drone may not pass either", () => {
    const sizes: number[] = [];
    const { link } = listen({ onFrame: (frame) => sizes.push(decode(frame).records.length) });
    link.push(Uint8Array.from(Array.from({ length: 300 }, (_, i) => [...positionOf(1000 + i)]).flat()), NOW_US);
    assertEquals(sizes, [256, 44]);
  });

  it("is refused an id that is none", () => {
    for (const droneId of ["", "x".repeat(65), "ü".repeat(33)]) {
      const { link } = listen({ admit: () => ({ droneId }) });
      assertThrows(() => link.push(positionOf(1000), NOW_US), RangeError, "no id of a drone");
    }
  });

  it("says nothing more once it is closed, even in the middle of a piece", () => {
    let frames = 0;
    const { link } = listen({
      onFrame: () => {
        if (++frames === 3) link.close();
      },
    });
    const both = Uint8Array.of(...positionOf(1000, { system: 1 }), ...positionOf(1000, { system: 2 }));
    for (let i = 0; i < 3; i++) link.push(both, NOW_US);
    assertEquals([frames, link.counts().records, link.vehicles()], [3, 4, []]);
  });

  it("may make a warning of what it is told, and be told the rest", () => {
    const seen: number[] = [];
    const { link } = listen({
      onFrame: (frame) => {
        seen.push(frame.length);
        link.compose(1, { message: "status_text", nowUs: NOW_US, text: "x".repeat(200), numbers: [2] });
      },
    });
    const systems = [1, 2, 1, 2].map((system) => positionOf(1000, { system }));
    link.push(Uint8Array.of(...systems.flatMap((frame) => [...frame])), NOW_US);
    assertEquals(seen.length, 4);
  });
});

describe("links", () => {
  it("do not take a push in the middle of another", () => {
    const on = mavlink();
    const other = listen({ on }).link;
    const { link } = listen({ on, onFrame: () => other.push(positionOf(1000), NOW_US) });
    assertThrows(() => link.push(positionOf(1000), NOW_US), Error, "Cannot push");
    other.push(positionOf(1000), NOW_US);
    assertEquals(other.counts().records, 1);
  });

  it(`are at most ${LINKS_MAX} at once, and their memory never grows`, () => {
    const on = mavlink();
    const { memoryBytes } = on;
    const options = { vehiclesMax: 2, admit: () => ({ droneId: "drone" }), onFrame: () => {} };
    const links = Array.from({ length: LINKS_MAX }, () => on.open(options)!);
    assertEquals(on.open(options), null);
    for (const link of links) for (const system of [1, 2]) link.push(positionOf(1000, { system }), NOW_US);
    // All of them together have as many vehicles as there is room for.
    const vehicles = links.reduce((sum, link) => sum + link.vehicles().length, 0);
    assertEquals([vehicles, links.at(-1)!.counts().denied], [4096, 2]);
    for (const link of links) link.close();
    const again = on.open(options)!;
    again.push(positionOf(1000), NOW_US);
    assertEquals([again.vehicles().length, on.memoryBytes], [1, memoryBytes]);
  });

  it("go on in another instance when theirs has trapped, and keep what they have counted", () => {
    let traps = 0;
    const sandbox = new MavlinkSandbox(new WebAssembly.Module(binary), () => traps++);
    let frames = 0;
    const options = { vehiclesMax: 2, admit: () => ({ droneId: "drone" }), onFrame: () => frames++ };
    const link = new MavlinkLink(sandbox, { signatures: new Signatures(), options });
    link.open();
    link.push(positionOf(1000), NOW_US);
    assertEquals(sandbox.call(({ exports }) => exports.push(LINKS_MAX + 1, 0, NOW_US)), null);
    assertEquals(link.compose(1, { message: "status_text", nowUs: NOW_US, text: "lost", numbers: [2] }), null);
    link.push(positionOf(1100), NOW_US);
    assertEquals([traps, frames, link.counts().records, link.vehicles().length], [1, 2, 2, 1]);
  });

  it("go on in another instance where vehicles sign, on their own link and on others", () => {
    const sandbox = new MavlinkSandbox(new WebAssembly.Module(binary), () => {});
    const [signatures, key] = [new Signatures(), new Uint8Array(32).fill(7)];
    const signed = (timeUs: number) => positionOf(1000, { signature: { key, timeUs } });
    let frames = 0;
    const options = { vehiclesMax: 2, admit: () => ({ droneId: "drone", key }), onFrame: () => frames++ };
    const link = () => new MavlinkLink(sandbox, { signatures, options });
    const [one, other, last] = [link(), link(), link()];
    one.push(signed(NOW_US), NOW_US);
    assertEquals(sandbox.call(({ exports }) => exports.push(LINKS_MAX + 1, 0, NOW_US)), null);
    other.push(signed(NOW_US + 10), NOW_US);
    for (const timeUs of [NOW_US + 10, NOW_US + 20]) one.push(signed(timeUs), NOW_US);
    assertEquals([frames, one.counts().replayed], [3, 1]);
    for (const gone of [one, other]) gone.close();
    for (const timeUs of [NOW_US + 20, NOW_US + 30]) last.push(signed(timeUs), NOW_US);
    assertEquals([frames, last.counts().replayed], [4, 1]);
  });
});

describe("the module", () => {
  it("has at most 100 kB, and nothing that it wants from outside", () => {
    assertEquals(binary.length <= 100_000, true, `${binary.length} bytes`);
    assertEquals(WebAssembly.Module.imports(new WebAssembly.Module(binary)), []);
  });
});

describe("the radio of a vehicle", () => {
  const CASES: [string, number[], { heard: number; lost: number }][] = [
    ["has lost nothing of what comes in order", [254, 255, 0, 1], { heard: 4, lost: 0 }],
    ["has lost what is missing", [0, 3, 4], { heard: 3, lost: 2 }],
    ["has not lost what was overtaken on the way", [0, 2, 1, 3], { heard: 4, lost: 0 }],
    ["has heard once what came twice", [0, 1, 1, 2], { heard: 3, lost: 0 }],
    ["begins anew with a component that does", [200, 0, 1, 2], { heard: 4, lost: 55 }],
    ["believes a component that counts backwards only for so long", [100, 0, 1, 2, 3, 4], { heard: 6, lost: 0 }],
  ];
  for (const [sentence, sequences, wanted] of CASES) {
    it(sentence, () => {
      const { link } = listen();
      for (const sequence of sequences) link.push(positionOf(1000, { sequence }), NOW_US);
      assertEquals(link.vehicles(), [{ system: 1, droneId: "mav-1", ...wanted }]);
    });
  }

  it("counts for each component by itself, and what nothing follows from as well", () => {
    const { link } = listen();
    link.push(positionOf(1000, { sequence: 1 }), NOW_US);
    link.push(frameOf("attitude", payloadOf("attitude"), { sequence: 2 }), NOW_US);
    link.push(frameOf("attitude", payloadOf("attitude"), { sequence: 90, component: 191 }), NOW_US);
    link.push(positionOf(1100, { sequence: 3 }), NOW_US);
    assertEquals(link.vehicles()[0], { system: 1, droneId: "mav-1", heard: 4, lost: 0 });
  });

  it("has not lost frames of messages that the definitions do not have", () => {
    const unknown = frameOf("attitude", payloadOf("attitude", ["Uint8", 27, 1]), { sequence: 2 }).with(8, 200);
    const { link } = listen();
    link.push(positionOf(1000, { sequence: 1 }), NOW_US);
    link.push(unknown, NOW_US);
    link.push(positionOf(1100, { sequence: 3 }), NOW_US);
    assertEquals([link.vehicles()[0]!.lost, link.counts().unknown], [0, 1]);
  });
});
