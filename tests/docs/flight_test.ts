import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readRecordings } from "../../sim/recording.ts";
import { recordFlight } from "./flight.ts";
import { read } from "./pages.ts";

describe("docs/flight.csv", () => {
  it("is what tests/docs/flight.ts makes", async () => {
    assertEquals(await read("docs/flight.csv"), recordFlight());
  });

  it("is a flight that --replay can read, from the ground up and down again, with its battery", async () => {
    const [recording, ...others] = readRecordings(await read("docs/flight.csv"), "docs/flight.csv");
    assertEquals(others, []);
    const rows = recording!.rows;
    const heightsM = rows.flatMap(({ position }) => position ? [position.altMslMm! / 1000] : []);
    const groundM = heightsM[0]!;
    assertGreater(Math.max(...heightsM) - groundM, 30);
    assertEquals(Math.abs(heightsM.at(-1)! - groundM) < 3, true);
    assertGreater(rows.filter(({ battery }) => battery !== null).length, 80);
  });
});
