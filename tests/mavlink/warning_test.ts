// Warnings, as pymavlink reads them.
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { AlertSchema, AlertSeverity, AlertState, IntruderSchema } from "../../proto/gen/slipstream/v1/alert_pb.ts";
import { isOurs } from "../../wasm/mavlink/addresses.ts";
import { warn, type WarningOptions } from "../../wasm/mavlink/warning.ts";
import { hasPymavlink, readByPymavlink } from "./pymavlink.ts";
import { positionOf } from "./frames.ts";
import { listen, NOW_US } from "./streams.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i);
const CONFLICT = { timeToClosestMs: 12_500, closestHorizontalCm: 4225, closestVerticalCm: 300, horizontalCm: 9000 };
const alertOf = (fields: MessageInitShape<typeof AlertSchema> = {}) =>
  create(AlertSchema, {
    ...{ alertId: 2n ** 32n + 4711n, severity: AlertSeverity.CRITICAL, state: AlertState.RAISED },
    ...{ message: "conflict with drone-7 in 12 s", what: { case: "conflict", value: CONFLICT } },
    ...(fields as object),
  });
const INTRUDER = {
  ...{ id: "drone-00000007", latE7: 473_977_418, lonE7: 85_455_938, altMslMm: 488_000, ageMs: 400 },
  ...{ trackCdeg: 9000, speedCms: 1200, climbCms: -50 },
};
const meeting = (intruder: MessageInitShape<typeof IntruderSchema>, state = AlertState.RAISED) =>
  alertOf({ state, what: { case: "conflict", value: { ...CONFLICT, intruder } } });

/** What the vehicle with system 1 is sent; it has a key, or none. */
async function sent(options: Partial<WarningOptions>, key: Uint8Array | null = null) {
  const { link } = listen({ key });
  link.push(positionOf(1000, key ? { signature: { key, timeUs: NOW_US } } : {}), NOW_US);
  const frames = warn(link, { system: 1, alert: alertOf(), nowUs: NOW_US, tellsIntruder: false, ...options });
  return await readByPymavlink(Uint8Array.from(frames.flatMap((frame) => [...frame])), key);
}
const textOf = (messages: Record<string, unknown>[]) =>
  messages.filter(({ mavpackettype }) => mavpackettype === "STATUSTEXT");

describe("a warning", { ignore: !hasPymavlink }, () => {
  it("of a conflict is a COLLISION and a STATUSTEXT, of no ground station that an operator speaks as", async () => {
    const [collision, text, ...others] = await sent({});
    assertEquals(collision, {
      ...{ mavpackettype: "COLLISION", system: 254, component: 196, signed: false },
      ...{ src: 1, id: 4711, action: 1, threat_level: 2 },
      ...{ time_to_minimum_delta: 12.5, altitude_minimum_delta: 3, horizontal_minimum_delta: 42.25 },
    });
    assertEquals([text!.severity, text!.text, text!.id], [2, "conflict with drone-7 in 12 s", 0]);
    assertEquals(others, []);
  });

  it("is milder when it is a warning, and taken back when it is over", async () => {
    const [mild, mildText] = await sent({ alert: alertOf({ severity: AlertSeverity.WARNING }) });
    assertEquals([mild!.threat_level, mildText!.severity], [1, 4]);
    const [over, overText] = await sent({ alert: alertOf({ state: AlertState.RESOLVED }) });
    assertEquals([over!.threat_level, overText!.severity], [0, 6]);
    assertEquals(overText!.text, "Over: conflict with drone-7 in 12 s");
  });

  it("of anything else is a text alone", async () => {
    const messages = await sent({ alert: alertOf({ what: { case: undefined } }) });
    assertEquals(messages.map(({ mavpackettype }) => mavpackettype), ["STATUSTEXT"]);
  });

  for (const [length, chunks] of [[0, 1], [50, 1], [51, 2], [99, 2], [100, 3], [256, 6], [400, 6]] as const) {
    it(`of ${length} letters is sent in ${chunks} chunks, of which the last has an end`, async () => {
      const message = "abcdefghij".repeat(40).slice(0, length);
      const texts = textOf(await sent({ alert: alertOf({ message }) }));
      assertEquals(texts.map(({ text }) => text).join(""), message.slice(0, 256));
      assertEquals(texts.map(({ chunk_seq }) => chunk_seq), Array.from({ length: chunks }, (_, i) => i));
      assertEquals(new Set(texts.map(({ id }) => id)).size, 1);
      assertEquals(texts[0]!.id === 0, chunks === 1);
      if (chunks > 1) assertGreater(50, (texts.at(-1)!.text as string).length);
    });
  }

  it("is written in ASCII, which everybody reads", async () => {
    const [text] = textOf(await sent({ alert: alertOf({ message: "Zürich – 5 m 🛸" }) }));
    assertEquals(text!.text, "Zurich ? 5 m ?");
  });

  it("is signed for a vehicle that has a key", async () => {
    const messages = await sent({}, KEY);
    assertEquals(messages.map(({ signed }) => signed), [true, true]);
    assertEquals(await sent({}, KEY).then((messages) => messages.length), 2);
  });

  it("names the intruder where it is wished for, so that an autopilot may evade it by itself", async () => {
    const [, , adsb] = await sent({ alert: meeting(INTRUDER), tellsIntruder: true });
    const { ICAO_address, ...fields } = adsb!;
    assertEquals(fields, {
      ...{ mavpackettype: "ADSB_VEHICLE", system: 254, component: 196, signed: false },
      ...{ lat: 473_977_418, lon: 85_455_938, altitude: 488_000, heading: 9000, hor_velocity: 1200, ver_velocity: -50 },
      ...{ altitude_type: 1, callsign: "00000007", emitter_type: 14, tslc: 0, flags: 159, squawk: 0 },
    });
    assertEquals([Number(ICAO_address) >> 20, isOurs(Number(ICAO_address))], [0xd, true]);
    const over = meeting(INTRUDER, AlertState.RESOLVED);
    assertEquals((await sent({ alert: over, tellsIntruder: true })).length, 2);
    assertEquals((await sent({ alert: meeting(INTRUDER) })).length, 2);
  });

  it("says of an intruder what is known, and how old that is where it does not fly on", async () => {
    const { id, latE7, lonE7 } = INTRUDER;
    const [, , bare] = await sent({ alert: meeting({ id, latE7, lonE7, ageMs: 9900 }), tellsIntruder: true });
    assertEquals([bare!.flags, bare!.tslc], [17, 9]);
    const [, , ancient] = await sent({ alert: meeting({ id, latE7, lonE7, ageMs: 2 ** 31 }), tellsIntruder: true });
    assertEquals(ancient!.tslc, 255);
  });

  it("tells of an aircraft by its own address, and not as unmanned where people may be in it", async () => {
    const alert = meeting({ ...INTRUDER, id: "adsb:4ca123", crewed: true });
    const [, , aircraft] = await sent({ alert, tellsIntruder: true }, KEY);
    assertEquals([aircraft!.ICAO_address, aircraft!.emitter_type, aircraft!.signed], [0x4ca123, 0, true]);
  });
});

describe("a warning", () => {
  it("is none for a vehicle that is not on the link, or whose link is closed", () => {
    const { link } = listen();
    const options = { system: 1, alert: alertOf(), nowUs: NOW_US, tellsIntruder: false };
    assertEquals(warn(link, options), []);
    link.push(positionOf(1000), NOW_US);
    assertEquals(warn(link, options).length, 2);
    link.close();
    assertEquals(warn(link, options), []);
  });

  it("is as grave as its alert, and says of an intruder only what is not over", () => {
    const { link } = listen();
    link.push(positionOf(1000), NOW_US);
    const what = { case: "conflict" as const, value: { ...CONFLICT, intruder: { id: "drone-7", latE7: 1, lonE7: 1 } } };
    const threats = [{}, { severity: AlertSeverity.WARNING }, { state: AlertState.RESOLVED }].map((fields) => {
      const frames = warn(link, { system: 1, alert: alertOf({ what, ...fields }), nowUs: NOW_US, tellsIntruder: true });
      // Behind the header, at COLLISION's last field; zeros are cut off.
      return [frames.length, frames[0]!.length === 10 + 19 + 2 ? frames[0]![10 + 18] : 0];
    });
    assertEquals(threats, [[3, 2], [3, 1], [2, 0]]);
  });
});
