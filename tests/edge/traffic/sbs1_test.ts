import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { Lines } from "../../../edge/ingest/sbs1/lines.ts";
import { readSbs1 } from "../../../edge/ingest/sbs1/message.ts";
import { Sbs1Picture } from "../../../edge/ingest/sbs1/picture.ts";
import { type LineInit, lineOf, MOTION, PLACE } from "./lines_of.ts";

describe("readSbs1", () => {
  it("reads what each kind of message says, and leaves out what it does not", () => {
    const nothing = {
      ...{ callsign: null, altitude: null, speedKt: null, trackDeg: null, place: null, climbFtMin: null },
    };
    const known = { ...nothing, address: "4ca123", isOnGround: false };
    assertEquals(readSbs1(lineOf({ kind: 1, callsign: "SWR12   " })), { ...known, callsign: "SWR12" });
    assertEquals(readSbs1(lineOf(PLACE)), {
      ...known,
      altitude: { ft: 1500, isGeometric: false },
      place: { latDeg: 47.39774, lonDeg: 8.54559 },
    });
    assertEquals(readSbs1(lineOf(MOTION)), { ...known, speedKt: 120, trackDeg: 90, climbFtMin: -640 });
    assertEquals(readSbs1(lineOf({ kind: 2, ground: "" }))?.isOnGround, true);
    assertEquals(readSbs1(lineOf({ ...PLACE, altitude: "1650H" }))?.altitude, { ft: 1650, isGeometric: true });
    const groundOf = (kind: number) =>
      ["-1", "1", "0", ""].map((ground) => readSbs1(lineOf({ kind, ground }))?.isOnGround);
    assertEquals([groundOf(5), groundOf(3), groundOf(2)], [
      ...[[true, true, false, null], [true, true, false, false], [true, true, true, true]],
    ]);
  });

  it("reads nothing of what is no message, is of nobody, or is cut off", () => {
    const whole = lineOf(PLACE);
    const cut = whole.split(",").slice(0, 21).join(",");
    const wrong = [
      "",
      "MSG",
      "STA,,5,179,400AE7,10103",
      cut,
      whole.replace("MSG", "XSG"),
      whole.replace("4CA123", "4CA12"),
    ];
    const nobody = [lineOf({ address: "000000" }), lineOf({ address: "~4CA12" }), whole.replace("MSG,3", "MSG,9")];
    assertEquals([...wrong, ...nobody].map((line) => readSbs1(line)), Array(9).fill(null));
  });

  it("takes no number that cannot be", () => {
    for (const lat of ["90.1", "NaN", "1e1", "0x10", "-", "Infinity", "4".repeat(400)]) {
      assertEquals(readSbs1(lineOf({ ...PLACE, lat }))?.place ?? null, null, lat);
    }
    assertEquals(readSbs1(lineOf({ ...PLACE, lat: "0", lon: "0" }))?.place, null);
    assertEquals(readSbs1(lineOf({ altitude: "200000" }))?.altitude, null);
    assertEquals(
      readSbs1(lineOf({ ...MOTION, speed: "-5", track: "361" })),
      readSbs1(lineOf({ kind: 4, climb: "-640" })),
    );
    assertEquals(readSbs1(lineOf({ ...MOTION, track: "360" }))?.trackDeg, 0);
  });

  it("says nothing out of bounds, whatever is in a line", () => {
    const field = fc.oneof(fc.string({ maxLength: 12 }), fc.double().map(String), fc.integer().map(String));
    const fields = fc.array(field, { minLength: 15, maxLength: 30 });
    const line = fields.map((fields) => ["MSG", "3", "1", "1", "4CA123", ...fields].join(","));
    fc.assert(
      fc.property(fc.oneof(line, fc.string({ maxLength: 600 })), (line) => {
        const message = readSbs1(line);
        if (!message) return;
        const { place, altitude, speedKt, trackDeg, callsign } = message;
        assert(place === null || (Math.abs(place.latDeg) <= 90 && Math.abs(place.lonDeg) <= 180));
        assert(altitude === null || Math.abs(altitude.ft) <= 150_000);
        assert(speedKt === null || (speedKt >= 0 && speedKt <= 4096));
        assert(trackDeg === null || (trackDeg >= 0 && trackDeg < 360));
        assert(callsign === null || /^[\x21-\x7e]{1,8}$/.test(callsign));
      }),
      { numRuns: 3000 },
    );
  });
});

describe("Sbs1Picture", () => {
  const take = (picture: Sbs1Picture, line: string, nowMs = 0) => picture.take(readSbs1(line)!, nowMs);

  it("says all that is known of an aircraft whenever it says where it is", () => {
    const picture = new Sbs1Picture();
    assertEquals(take(picture, lineOf({ kind: 1, callsign: "SWR12" })), null);
    assertEquals(take(picture, lineOf(MOTION)), null);
    assertEquals(take(picture, lineOf(PLACE), 500), {
      ...{ source: "ads-b", address: "4ca123", name: "SWR12", category: 0, crewed: true, ageS: null },
      ...{ latE7: 473_977_400, lonE7: 85_455_900, altitude: { mm: 457_200, above: "pressure" } },
      ...{ trackCdeg: 9000, speedCms: 6173, climbCms: -325, airborne: true },
    });
  });

  it("says nothing of what is old, or was never said", () => {
    const picture = new Sbs1Picture();
    take(picture, lineOf(MOTION), 0);
    take(picture, lineOf({ kind: 5, altitude: "1000H" }), 0);
    const { altitude: _, ...place } = PLACE;
    const soon = take(picture, lineOf(place), 10_000);
    assertEquals([soon?.altitude, soon?.speedCms], [{ mm: 304_800, above: "ellipsoid" }, 6173]);
    const late = take(picture, lineOf({ ...place, ground: "" }), 10_001);
    assertEquals([late?.altitude, late?.speedCms, late?.trackCdeg, late?.climbCms], [null, null, null, null]);
  });

  it("says that an aircraft is on the ground until it says where in the air it is, or has long said nothing of it", () => {
    const picture = new Sbs1Picture();
    const airborneAt = (nowMs: number, line: LineInit) => take(picture, lineOf({ ...PLACE, ...line }), nowMs)?.airborne;
    assertEquals(airborneAt(0, { kind: 2, ground: "" }), false);
    assertEquals(airborneAt(10_000, { kind: 1, ground: "" }), false);
    assertEquals(airborneAt(10_001, { kind: 1, ground: "" }), null);
    assertEquals(airborneAt(11_000, { kind: 2, ground: "" }), false);
    assertEquals(airborneAt(11_001, { ground: "" }), true);
    assertEquals(airborneAt(11_002, { ground: "-1" }), false);
  });

  it("remembers a bounded number", () => {
    const picture = new Sbs1Picture();
    const addressOf = (i: number) => (0x400000 + i).toString(16);
    for (let i = 0; i <= 2000; i++) take(picture, lineOf({ ...MOTION, address: addressOf(i) }));
    assertEquals(take(picture, lineOf({ ...PLACE, address: addressOf(2000) }))?.speedCms, 6173);
    assertEquals(take(picture, lineOf({ ...PLACE, address: addressOf(0) }))?.speedCms, null);
  });
});

describe("Lines", () => {
  const linesOf = (...pieces: Uint8Array[]) => {
    const [lines, told] = [new Lines(), [] as (string | null)[]];
    for (const piece of pieces) lines.push(piece, (line) => told.push(line));
    return told;
  };
  const bytesOf = (text: string) => new TextEncoder().encode(text);

  it("are the same wherever the stream is cut", () => {
    const bytes = bytesOf(`${lineOf(PLACE)}\r\n\n${lineOf(MOTION)}\nrest`);
    const whole = linesOf(bytes);
    assertEquals(whole, [lineOf(PLACE), "", lineOf(MOTION)]);
    for (let at = 0; at <= bytes.length; at++) assertEquals(linesOf(bytes.subarray(0, at), bytes.subarray(at)), whole);
  });

  it("that are too long are none, and the next one is whole", () => {
    assertEquals(linesOf(bytesOf(`${"x".repeat(513)}\n${"y".repeat(512)}\nz\n`)), [null, "y".repeat(512), "z"]);
    assertEquals(linesOf(bytesOf("x".repeat(1 << 20)), bytesOf("\nz\n")), [null, "z"]);
  });
});
