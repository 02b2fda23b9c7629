// Bugs of what is the same for everything that the journal is published to.
import type { Mutant } from "./mutant.ts";

const PUBLISHERS = ["publishing/publishers_test.ts"];

export const PUBLISHING_MUTANTS: Mutant[] = [
  {
    name: "the-journal-waits-for-the-quickest",
    file: "aggregator/sinks/publishing/publishers.ts",
    from: "Math.min(...this.views",
    to: "Math.max(...this.views",
    tests: PUBLISHERS,
  },
  {
    name: "all-destinations-have-one-alert",
    file: "aggregator/sinks/publishing/publishers.ts",
    from: "return operations.restored(name);",
    to: 'return operations.restored("kafka");',
    tests: PUBLISHERS,
  },
];
