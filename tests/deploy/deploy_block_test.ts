import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isUploaded, readDeployBlock } from "./deploy_block.ts";

const denoJson = await Deno.readTextFile(new URL("../../deno.json", import.meta.url));

describe("the deploy block of deno.json", () => {
  it("has an edge go up that fits 512 MB, and takes no arguments", () => {
    const { runtime } = readDeployBlock(denoJson);
    assertEquals(runtime, { type: "dynamic", entrypoint: "edge/main.ts", memoryLimit: 512 });
  });

  it("leaves behind what an edge does not need", () => {
    const block = readDeployBlock(denoJson);
    const goes = [
      "edge/main.ts",
      "wasm/hot_path.wasm",
      "wasm/mavlink/pkg/mavlink_bg.wasm",
      "deno.lock",
      "proto/gen/slipstream/v1/batch_pb.ts",
    ];
    const stays = [
      "aggregator/main.ts",
      "tests/edge/rig.ts",
      "sim/main.ts",
      "wasm/build.ts",
      "wasm/mavlink/build.ts",
      "wasm/mavlink/src/lib.rs",
      "proto/generate.ts",
      "README.md",
    ];
    assertEquals(goes.filter((path) => !isUploaded(path, block)), []);
    assertEquals(stays.filter((path) => isUploaded(path, block)), []);
  });

  it("is read as a folder or a file: what only begins as one is none of it", () => {
    const block = { include: ["edge/", "a.ts"], exclude: ["edge/b.ts"] };
    assertEquals(["edge/a.ts", "a.ts", "edge/b.ts", "edges/a.ts", "a.tsx"].map((path) => isUploaded(path, block)), [
      ...[true, true, false, false, false],
    ]);
  });

  for (
    const [what, change] of [
      ["a pattern", { include: ["edge/*.ts"] }],
      ["an argument", { runtime: { type: "dynamic", entrypoint: "edge/main.ts", memoryLimit: 512, args: ["--port"] } }],
      ["a key that nobody reads", { includes: [] }],
    ] as const
  ) {
    it(`is refused with ${what}`, () => {
      const config = JSON.parse(denoJson);
      const changed = JSON.stringify({ ...config, deploy: { ...config.deploy, ...change } });
      assertThrows(() => readDeployBlock(changed), TypeError, "Cannot read the deploy block");
    });
  }
});
