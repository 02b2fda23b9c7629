// Bugs of the hot path; each is compiled before its tests.
import type { Mutant } from "./mutant.ts";

export const HOT_PATH_MUTANTS: Mutant[] = [
  {
    name: "near-duplicate-with-other-flags",
    file: "wasm/assembly/near_duplicate.ts",
    from: "if (load<u32>(drone + FIX_FLAGS) != load<u32>(record + RECORD_FLAGS)) return false;",
    to: "",
    tests: ["wasm/hot_path_test.ts"],
  },
  {
    name: "near-duplicate-of-a-drone-that-moves",
    file: "wasm/assembly/near_duplicate.ts",
    from: ">= SAME_PLACE_CM_MS * SAME_PLACE_CM_MS",
    to: "< 0",
    tests: ["wasm/near_duplicate_test.ts"],
  },
  {
    name: "near-duplicate-with-an-open-alert",
    file: "wasm/assembly/near_duplicate.ts",
    from: " || load<u32>(drone + DRONE_ALERT_OPEN) != 0",
    to: "",
    tests: ["wasm/hot_path_test.ts"],
  },
  {
    name: "lost-fix-is-compared-with",
    file: "wasm/assembly/sequence.ts",
    from: "if (load<u32>(drone + FIX_SLOT) == slot) store<u32>(drone + FIX_SLOT, 0);",
    to: "",
    tests: ["wasm/near_duplicate_test.ts"],
  },
  {
    name: "lost-record-is-a-duplicate",
    file: "wasm/assembly/sequence.ts",
    from: "if (isWithin) clearBit(boot + BOOT_SEEN, seq);",
    to: "",
    tests: ["wasm/window_model_test.ts"],
  },
  {
    name: "record-takes-the-fate-of-what-left-the-window",
    file: "wasm/assembly/sequence.ts",
    from: "store<u32>(word, load<u32>(word) & kept);",
    to: "",
    tests: ["wasm/window_model_test.ts"],
  },
  {
    name: "twins-with-one-number-are-one",
    file: "wasm/assembly/sequence.ts",
    from: "load<u8>(prints + (seq & MASK)) != printOf(record)",
    to: "load<u8>(prints + (seq & MASK)) > 255",
    tests: ["wasm/window_model_test.ts"],
  },
  {
    name: "critical-battery-waits-with-bulk",
    file: "wasm/assembly/lane_choice.ts",
    from: "if (remainingCpct > CRITICAL_CPCT) return false;",
    to: "return false;",
    tests: ["wasm/hot_path_test.ts"],
  },
  {
    name: "emergency-waits-with-bulk",
    file: "wasm/assembly/lane_choice.ts",
    from: "const FLAG_EMERGENCY: u32 = 8;",
    to: "const FLAG_EMERGENCY: u32 = 0;",
    tests: ["wasm/hot_path_test.ts"],
  },
  {
    name: "foreign-id-of-the-same-length",
    file: "wasm/assembly/own.ts",
    from: "if (load<u64>(OWN_ID + i) != load<u64>(SCRATCH_ID + i)) return true;",
    to: "",
    tests: ["wasm/hot_path_test.ts"],
  },
  {
    name: "foreign-id-that-begins-alike",
    file: "wasm/assembly/own.ts",
    from: "if (own != idBytes) return true;",
    to: "",
    tests: ["wasm/hot_path_test.ts"],
  },
];
