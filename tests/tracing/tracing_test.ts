import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { runToEnd } from "../e2e/process.ts";
import { idsOf, isTraced } from "../../platform/tracing.ts";

describe("what traces", () => {
  it("is on by one word alone, as Deno has it", () => {
    const on = (value?: string) => isTraced({ get: (name) => name === "OTEL_DENO" ? value : undefined });
    assertEquals([on("true"), on("1"), on("false"), on(""), on(undefined)], [true, false, false, false, false]);
  });

  it("takes what is no context for none", () => {
    const context = Uint8Array.from({ length: 24 }, (_, i) => i);
    const ids = { traceId: "000102030405060708090a0b0c0d0e0f", spanId: "1011121314151617" };
    assertEquals(idsOf(context), ids);
    for (const length of [0, 1, 23, 25, 4096]) assertEquals(idsOf(new Uint8Array(length).fill(1)), null);
    for (const from of [0, 16]) {
      assertEquals(idsOf(context.map((byte, i) => i < from || from === 0 && i > 15 ? byte : 0)), null);
    }
  });

  it("does not end the process, whatever times it is told", async () => {
    const env = { OTEL_DENO: "true", OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" };
    const { code, stdout, stderr } = await runToEnd(["run", "-A", "--quiet", "tests/tracing/any_times.ts"], { env });
    assertEquals([code, stdout], [0, "9 times\n"], stderr);
  });
});
