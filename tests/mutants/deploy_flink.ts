// Bugs of what runs Flink, and of what says how much of everything a fleet takes.
import type { Mutant } from "./mutant.ts";

const RUN = ["flink/run_test.ts"];
const CONTAINERS = ["deploy/flink_test.ts"];
const SIZING = ["deploy/sizing_test.ts"];

export const DEPLOY_FLINK_MUTANTS: Mutant[] = [
  {
    name: "a-savepoint-that-is-behind-is-started-from",
    file: "flink/run.sh",
    from: '[ -n "$savepoint" ] && [ "$last" -nt',
    to: '[ -z "$savepoint" ] && [ "$last" -nt',
    tests: RUN,
  },
  {
    name: "what-is-gone-on-from-is-told-to-the-script-alone",
    file: "flink/run.sh",
    from:
      '${savepoint:+--fromSavepoint "$savepoint"}\n    --job-classname org.apache.flink.table.runtime.application.SqlDriver',
    to:
      '--job-classname org.apache.flink.table.runtime.application.SqlDriver ${savepoint:+--fromSavepoint "$savepoint"}',
    tests: RUN,
  },
  {
    name: "a-value-that-the-script-does-not-know-is-ignored",
    file: "flink/script.sh",
    from: 'it is none of ${!values[*]}" >&2; exit 2; }',
    to: 'it is none of ${!values[*]}" >&2; continue; }',
    tests: RUN,
  },
  {
    name: "a-container-forgets-its-last-checkpoint",
    file: "deploy/flink/image/job",
    from: '[ -z "$last" ] ||',
    to: '[ -n "$last" ] ||',
    tests: CONTAINERS,
  },
  {
    name: "a-container-goes-back-to-a-checkpoint-that-high-availability-knows-better",
    file: "deploy/flink/image/job",
    from: '"${FLINK_PROPERTIES:-}" != *high-availability*',
    to: '"${FLINK_PROPERTIES:-}" != *nothing*',
    tests: CONTAINERS,
  },
  {
    name: "the-operators-checkpoints-are-not-where-the-others-are",
    file: "deploy/flink/operator/session/flink_deployment.yaml",
    from: "execution.checkpointing.dir: file:///state/checkpoints",
    to: "execution.checkpointing.dir: file:///tmp/checkpoints",
    tests: CONTAINERS,
  },
  {
    name: "replicas-of-brokers-are-free",
    file: "deploy/sizing/plan.ts",
    from: '(part === "broker" ? replicas : 1)',
    to: "1",
    tests: SIZING,
  },
  {
    name: "a-core-may-be-busy-all-the-time",
    file: "deploy/sizing/plan.ts",
    from: "Math.ceil(cores * 100 / busyPct)",
    to: "Math.ceil(cores)",
    tests: SIZING,
  },
];
