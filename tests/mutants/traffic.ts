// Bugs in what is said of the other one of a conflict, and in what is made of aircraft that are nobody's here.
import type { Mutant } from "./mutant.ts";

export const TRAFFIC_MUTANTS: Mutant[] = [
  {
    name: "intruder-is-who-is-warned",
    file: "aggregator/warnings/drone_alert.ts",
    from: "partners.find(({ id }) => id !== named)",
    to: "partners.find(({ id }) => id === named)",
    tests: ["warnings/warnings_test.ts"],
  },
  {
    name: "intruder-where-it-was",
    file: "aggregator/airspace/place_now.ts",
    from: "const flownS = moves ? ageS : 0;",
    to: "const flownS = 0;",
    tests: ["airspace/place_now_test.ts"],
  },
  {
    name: "ghost-flies-on",
    file: "aggregator/airspace/place_now.ts",
    from: "&& (flags & TrackFlag.ghost) === 0;",
    to: "&& flags >= 0;",
    tests: ["airspace/place_now_test.ts"],
  },
  {
    name: "adsb-vehicle-unasked",
    file: "wasm/mavlink/warning.ts",
    from: "const intruder = tellsIntruder && !isOver",
    to: "const intruder = !isOver",
    tests: ["edge/mavlink/links_test.ts"],
  },
  {
    name: "erased-drone-stays-in-the-others-alert",
    file: "aggregator/sinks/erasing.ts",
    from: "partners: conflict.partners?.filter(({ id }) => !droneIds.includes(id)),",
    to: "partners: conflict.partners,",
    tests: ["aggregator/erasing_test.ts"],
  },
];
