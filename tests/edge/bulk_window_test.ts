import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { BULK_WINDOW_DEFAULTS, BulkWindow } from "../../edge/lanes/bulk_window.ts";

function after(times: number, ackMs: number, records: number): BulkWindow {
  const window = new BulkWindow();
  for (let i = 0; i < times; i++) window.acknowledged(ackMs, records);
  return window;
}

describe("BulkWindow", () => {
  it("starts at 50 ms", () => assertEquals(new BulkWindow().ms, 50));
  it("stretches towards 100 ms while acknowledgements are slow", () => {
    assertGreater(after(50, 80, 500).ms, 95);
    assert(after(1000, 1000, 500).ms <= BULK_WINDOW_DEFAULTS.maxMs);
  });
  it("shrinks towards 10 ms when acknowledgements are fast and batches small", () => {
    assertLess(after(50, 2, 5).ms, 12);
    assert(after(1000, 0.1, 5).ms >= BULK_WINDOW_DEFAULTS.minMs);
  });
  it("stays at 50 ms when acknowledgements are fast and batches full", () => assertEquals(after(50, 2, 500).ms, 50));
  it("comes back to 50 ms when acknowledgements recover", () => {
    const window = after(50, 80, 500);
    for (let i = 0; i < 100; i++) window.acknowledged(5, 500);
    assertLess(window.ms, 51);
  });
  it("is 100 ms while the machine is overloaded", () => {
    const window = new BulkWindow();
    window.setOverloaded(true);
    assertEquals(window.ms, 100);
    window.setOverloaded(false);
    assertEquals(window.ms, 50);
  });
});
