import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readEdgeConfig } from "../../edge/config.ts";

describe("readEdgeConfig", () => {
  it("needs no variable at all", () => {
    const config = readEdgeConfig({});
    assertEquals([config.host, config.port, config.droneRatePerS, config.droneBurst], ["127.0.0.1", 8787, 100, 256]);
  });

  it("treats an empty variable as unset", () => assertEquals(readEdgeConfig({ SLIPSTREAM_EDGE_PORT: "" }).port, 8787));

  it("names every wrong variable in one error", () => {
    const error = assertThrows(
      () =>
        readEdgeConfig({
          SLIPSTREAM_EDGE_PORT: "70000",
          SLIPSTREAM_UPLINK_URL: "http://x",
          SLIPSTREAM_EDGE_HOST: "0.0.0.0",
          SLIPSTREAM_DRONE_RATE: "fast",
        }),
      TypeError,
      "4 setting(s)",
    );
    for (const name of ["EDGE_PORT=70000", "UPLINK_URL=http://x", "EDGE_HOST=0.0.0.0", "DRONE_RATE=fast"]) {
      assertStringIncludes(error.message, `SLIPSTREAM_${name}`);
    }
  });
});
