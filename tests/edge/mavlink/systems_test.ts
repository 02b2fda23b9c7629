import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readEdgeConfig } from "../../../edge/config.ts";
import { readKeys } from "../../../edge/ingest/mavlink/keys.ts";
import { Systems, type SystemsParts } from "../../../edge/ingest/mavlink/systems.ts";
import { positionOf } from "../../mavlink/frames.ts";
import { NOW_US } from "../../mavlink/streams.ts";
import { StillEdge } from "../still_rig.ts";
import { dronesOf, Peer } from "./peer.ts";

const KEY = new Uint8Array(32).fill(7);
const NONE = { bySystem: new Map<number, Uint8Array>(), byDrone: new Map<string, Uint8Array>() };

/** Who systems 7, 8 and 9 are, asked for in this order. */
function admitted(parts: Partial<SystemsParts>): (string | null)[] {
  const systems = new Systems({ droneIds: null, mustSign: false, names: null, keys: NONE, ...parts });
  return [7, 8, 9].map((system) => systems.admit(system)?.droneId ?? null);
}

async function keysOf(text: string, mode = 0o600) {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, text);
    await Deno.chmod(path, mode);
    return await readKeys(path);
  } finally {
    await Deno.remove(path);
  }
}

describe("a system id", () => {
  const CASES: [what: string, parts: Partial<SystemsParts>, (string | null)[]][] = [
    ["is mav-N where nothing is said", {}, ["mav-7", "mav-8", "mav-9"]],
    ["is who the settings say, or nobody", { names: new Map([[8, "eight"]]) }, [null, "eight", null]],
    ["is the only drone of its proof, first come", { droneIds: new Set(["d1"]) }, ["d1", null, null]],
    ["is that one whatever the settings say", { droneIds: new Set(["d1"]), names: new Map([[7, "x"]]) }, [
      "d1",
      null,
      null,
    ]],
    ["is of a proof of several only where that has it", { droneIds: new Set(["mav-7", "mav-9"]) }, [
      "mav-7",
      null,
      "mav-9",
    ]],
    ["is nobody for a proof of none", { droneIds: new Set() }, [null, null, null]],
    ["has a key where it must sign", { mustSign: true, keys: { ...NONE, bySystem: new Map([[8, KEY]]) } }, [
      null,
      "mav-8",
      null,
    ]],
  ];
  for (const [what, parts, expected] of CASES) it(what, () => assertEquals(admitted(parts), expected));

  it("goes on being the same when it is asked for again", () => {
    const systems = new Systems({ droneIds: new Set(["d1"]), mustSign: false, names: null, keys: NONE });
    assertEquals([3, 4, 3].map((system) => systems.admit(system)?.droneId), ["d1", undefined, "d1"]);
    assertEquals([systems.systemOf("d1"), systems.systemOf("mav-4")], [3, undefined]);
  });

  it("signs by its drone's key before its own", () => {
    const [ofSystem, ofDrone] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const keys = { bySystem: new Map([[7, ofSystem], [8, ofSystem]]), byDrone: new Map([["mav-7", ofDrone]]) };
    const systems = new Systems({ droneIds: null, mustSign: false, names: null, keys });
    assertEquals([7, 8, 9].map((system) => systems.admit(system)?.key), [ofDrone, ofSystem, undefined]);
  });
});

describe("the file of keys", () => {
  it("has an id and 64 hexadecimal digits in each line, a number up to 250 being a system's", async () => {
    const digits = "07".repeat(32);
    const keys = await keysOf(`# ours\n\n7 ${digits}\ndrone 7\t${digits.toUpperCase()}\n251 ${digits}\n`);
    assertEquals([[...keys.bySystem], [...keys.byDrone]], [[[7, KEY]], [["drone 7", KEY], ["251", KEY]]]);
  });

  const DIGITS = "07".repeat(32);
  const REFUSED: [what: string, text: string, why: string, mode?: number][] = [
    ["others can read it", "", "others than its owner may read it; set its mode to 600", 0o640],
    ["a key is too short", `7 ${DIGITS}\n8 ${DIGITS.slice(1)}`, "line 2 is no id with 64 hex digits behind it"],
    ["a key is too long", `7 ${DIGITS}0`, "line 1 is no id with 64 hex digits behind it"],
    ["a key is of nobody", DIGITS, "line 1 is no id with 64 hex digits behind it"],
    ["a system has two keys", `7 ${DIGITS}\n# 7\n07 ${DIGITS}`, "line 3 has a second key of 07"],
    ["a drone has two keys", `d7 ${DIGITS}\nd7 ${DIGITS}`, "line 2 has a second key of d7"],
  ];
  for (const [what, text, why, mode] of REFUSED) {
    it(`is refused where ${what}`, async () => {
      const { message } = await assertRejects(() => keysOf(text, mode), Error);
      assertMatch(message, /^Cannot use the keys in \/\S+: .*; see SLIPSTREAM_MAVLINK_KEYS$/);
      assertStringIncludes(message, `: ${why}; see`);
    });
  }

  it("is refused where it is none, and not asked for where nobody has a key", async () => {
    for (const path of ["/nowhere/keys", "/"]) {
      await assertRejects(() => readKeys(path), Error, `Cannot use the keys in ${path}: `);
    }
    assertEquals((await readKeys(null)).bySystem.size, 0);
  });

  it("decides whose frames are taken: unsigned ones of who has a key are not", async () => {
    const path = await Deno.makeTempFile();
    await Deno.writeTextFile(path, `8 ${"07".repeat(32)}\n`);
    await Deno.chmod(path, 0o600);
    const rig = await StillEdge.start({
      mavlink: { ...readEdgeConfig({}).mavlink, keysPath: path },
    });
    await Deno.remove(path);
    const peer = await Peer.open(rig);
    rig.wallMs = NOW_US / 1000;
    for (const system of [7, 8]) peer.receive(positionOf(1000, { system }));
    await rig.pass(1000);
    assertEquals(dronesOf(rig), ["mav-7"]);
    const timeUs = NOW_US + 1_000_000;
    peer.receive(positionOf(2000, { system: 8, signature: { key: KEY, timeUs } }));
    await rig.pass(1000);
    assertEquals(dronesOf(rig), ["mav-7", "mav-8"]);
    assertEquals((await rig.status()).mavlink.frames.unsigned, 1);
    await rig.stop();
  });
});
