import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { eventually } from "../chaos/eventually.ts";
import { isKept } from "../chaos/oracle.ts";
import { Flyers } from "./flyers.ts";
import { hasCommit, lastRelease, Release } from "./release.ts";
import { judged } from "./rolling.ts";
import { EDGES, type PartName, RollingSystem } from "./system.ts";

const commit = await lastRelease();
const hasRelease = await hasCommit(commit);
const DRONES = 6;
const RECORDS_MIN = 500;

describe("beside a part of the last release", { ignore: !hasRelease }, () => {
  for (
    const [what, isOld] of [
      [
        "an edge of this one hands everything over, once, and both tell what they speak",
        (name) => name === "aggregator",
      ],
      ["an aggregator of this one takes everything, once, and shows who speaks what", (name) => name !== "aggregator"],
    ] as [string, (name: PartName) => boolean][]
  ) {
    it(what, async () => {
      await using release = await Release.unpack(commit);
      const spoken = await release.uplinkProtocol();
      await using system = await RollingSystem.start((name) => isOld(name) ? release.root : undefined);
      const flyers = new Flyers({ drones: DRONES, seed: 3, edges: EDGES.map((name) => system.telemetryUrl(name)) });
      try {
        await flyers.start();
        assertEquals(
          await eventually(() => flyers.truth.sent.reduce((sum, { lastSeq }) => sum + lastSeq, 0) > RECORDS_MIN),
          true,
        );
        await flyers.land();
        const verdict = await judged(system, flyers);
        assertEquals(
          [isKept(verdict), verdict.acknowledged + verdict.shed],
          [true, verdict.sent],
          JSON.stringify(verdict),
        );
        assertGreater(verdict.acknowledged, RECORDS_MIN);
        const { edges } = await system.fleet();
        const statuses = await Promise.all(
          EDGES.map(async (name) => (await fetch(`${system.url(name)}/v1/status`)).json()),
        );
        if (isOld("aggregator")) assertEquals(statuses.map(({ aggregator }) => aggregator.protocol), [spoken, spoken]);
        else assertEquals(edges.map(({ protocol }) => protocol), [spoken, spoken]);
      } finally {
        await flyers.close();
      }
    });
  }
});
