// Whoever has a link can make aircraft up: what real receivers hear finds room all the same.
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Hear } from "../../../edge/ingest/traffic/reports.ts";
import { AIRCRAFT, desk } from "./desk.ts";

const OF_LINK = 128;
/** What all links together may fill, and receivers at least. */
const SHARE = 1000;

/** Hears so many aircraft, by their numbers. */
function hearAll(hear: Hear, { from = 0, count = SHARE } = {}): void {
  for (let i = from; i < from + count; i++) hear({ ...AIRCRAFT, address: (0x100000 + i).toString(16) });
}

function rig() {
  const { reports, pass, countsOf } = desk();
  return {
    reports,
    refused: () => countsOf()[3]!,
    /** Links of somebody who connects over and over, until he has told of so many. */
    plant: (count = SHARE, from = 0) => {
      for (let at = 0; at < count; at += OF_LINK) {
        hearAll(reports.link(OF_LINK), { from: from + at, count: Math.min(OF_LINK, count - at) });
      }
    },
    later: async (ms: number) => {
      await pass(ms);
      reports.check();
    },
  };
}

describe("aircraft that only links hear", () => {
  it("are at most a thousand, however often they connect, and receivers have room for as many", () => {
    const { reports, plant, refused } = rig();
    plant(2560);
    assertEquals(refused(), 1560);
    const hear = reports.receiver();
    hearAll(hear, { from: 5000 });
    assertEquals(refused(), 1560);
    hearAll(hear, { from: 9000, count: 1 });
    assertEquals(refused(), 1561);
  });

  it("are no more when a link tells of them for ever", async () => {
    const { reports, plant, refused, later } = rig();
    plant();
    const hear = reports.link(OF_LINK);
    for (let i = 0; i < 3; i++) {
      await later(40_000);
      hearAll(hear);
    }
    assertEquals(refused(), 0);
    plant(1, 4000);
    assertEquals(refused(), 1);
    hearAll(reports.receiver(), { from: 5000 });
    assertEquals(refused(), 1);
  });

  it("do not count once a receiver hears them as well", () => {
    const { reports, plant, refused } = rig();
    plant();
    hearAll(reports.receiver(), { count: 10 });
    plant(10, 4000);
    assertEquals(refused(), 0);
    plant(1, 4010);
    assertEquals(refused(), 1);
  });

  it("make room when they have fallen silent", async () => {
    const { plant, refused, later } = rig();
    plant();
    await later(60_001);
    plant(SHARE, 4000);
    assertEquals(refused(), 0);
    plant(1, 8000);
    assertEquals(refused(), 1);
  });
});

describe("aircraft that a receiver hears no more", () => {
  it("are those of links, where links still tell of them and have room", async () => {
    const { reports, plant, refused, later } = rig();
    hearAll(reports.receiver(), { count: 10 });
    for (let i = 0; i < 2; i++) {
      await later(40_000);
      hearAll(reports.link(OF_LINK), { count: 10 });
    }
    plant(SHARE - 10, 4000);
    assertEquals(refused(), 0);
    plant(1, 8000);
    assertEquals(refused(), 1);
  });

  it("are forgotten where links have no room, and leave theirs to what it hears then", async () => {
    const { reports, plant, refused, later } = rig();
    const [receiver, link] = [reports.receiver(), reports.link(OF_LINK)];
    hearAll(receiver, { from: 5000 });
    plant();
    for (let i = 0; i < 2; i++) {
      await later(40_000);
      hearAll(link);
      hearAll(link, { from: 5000 });
    }
    assertEquals(refused(), SHARE);
    hearAll(receiver, { from: 9000 });
    assertEquals(refused(), SHARE);
  });
});
