// One history of a system under faults, from its seed, and what of the promises it broke.
import { type AuditRecord, canonical } from "../../aggregator/audit/record.ts";
import { type AuditRow, verifyTable } from "../../aggregator/verify/table.ts";
import type { AggregatorBug } from "./aggregator_node.ts";
import { planFaults, REVISED_MS } from "./faults.ts";
import { PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { broken, counted, heldBy, rerun } from "./oracle.ts";
import type { Store } from "./store.ts";
import { operate } from "./operator.ts";
import { System } from "./system.ts";
import { World } from "./world.ts";

export interface Simulated {
  seed: number;
  faults: string[];
  records: number;
  /** Empty: all promises were kept. */
  violations: string[];
}

const FLIGHT_MS = 6000;
const RECOVERY_MS = 60_000;
/** Silent edges become idle, and the last windows expire. */
const SETTLE_MS = 25_000;

/** Two drones with one id and boot, on one edge or two, and nothing goes wrong: the records of both count. */
export async function simulateTwins(seed: number): Promise<Simulated> {
  const world = new World(seed);
  const system = new System(world, { drones: 2, edges: world.between(1, 2), bug: {}, twins: true });
  const violations: string[] = [];
  await system.start();
  await world.run(FLIGHT_MS);
  for (const drone of system.drones) drone.land();
  await world.run(world.nowMs + SETTLE_MS);
  const records = system.drones.reduce((sum, drone) => sum + drone.sent, 0);
  await examine(system, { records, doubtful: 0, violations });
  return { seed, faults: [], records, violations };
}

/** @param bug put in on purpose, to see that it is found */
export async function simulate(seed: number, bug: AggregatorBug = {}): Promise<Simulated> {
  const world = new World(seed);
  const system = new System(world, { drones: world.between(1, 4), edges: world.between(1, 2), bug });
  const violations: string[] = [];
  const { aggregator, drones } = system;
  const crash = aggregator.crash.bind(aggregator);
  aggregator.crash = () => {
    crash();
    // Only what the disk kept is left: everything promised must be in it. A segment that was let go of is in a
    // checkpoint, whose records cannot be told apart; their number is examined at the end.
    if (!aggregator.forgets) report(violations, "lost in a crash", broken(system, aggregator.disk));
  };
  await system.start();
  const { flightMs, planned, mendAll } = planFaults(system, FLIGHT_MS);
  const endOperating = operate(system);
  await world.run(flightMs);
  endOperating();
  for (const drone of drones) drone.land();
  await mendAll();
  await world.run(world.nowMs + RECOVERY_MS, () => drones.every(({ unacknowledged }) => unacknowledged === 0));
  const stuck = drones.reduce((sum, { unacknowledged }) => sum + unacknowledged, 0);
  if (stuck > 0) violations.push(`${stuck} records are not acknowledged ${RECOVERY_MS} ms after the last fault`);
  await world.run(world.nowMs + SETTLE_MS);
  const records = drones.reduce((sum, drone) => sum + drone.sent, 0);
  // A record that a drone was told is lost may have been journalled before, and of twins nobody can tell whose it was.
  const [first, second] = drones;
  const doubtful = drones.reduce((sum, { lost }) => sum + lost, 0) +
    (system.twins ? Math.min(first?.sent ?? 0, second?.sent ?? 0) : 0);
  await examine(system, { records, doubtful, violations });
  return { seed, faults: planned, records, violations };
}

async function examine(
  system: System,
  { records, doubtful, violations }: { records: number; doubtful: number; violations: string[] },
) {
  const { aggregator, drones, edges } = system;
  const { store, disk } = aggregator;
  store.flush();
  const held = heldBy(system, disk);
  const all = new Set(drones.flatMap((drone) => drone.all()));
  report(violations, "invented", [...held].filter((record) => !all.has(record)));
  const { windows, late } = counted(store);
  const accepted = aggregator.core?.pipeline.fleet().records.accepted ?? 0;
  // A process that began behind a gap counts what was judged there anew, in windows that the sink may have in a later revision.
  if (windows + late !== accepted && !aggregator.hasForgotten) {
    violations.push(`${accepted} records accepted, but ${windows} in windows and ${late} late`);
  }
  if (accepted > records || accepted < records - doubtful) {
    violations.push(`${records} records, ${doubtful} of them doubtful, but ${accepted} accepted`);
  }
  const isRevised = PIPELINE_DEFAULTS.allowedLatenessUs >= REVISED_MS * 1000;
  if (isRevised && late > 0 && system.stepMs < REVISED_MS / 2) violations.push(`${late} records are late`);
  for (const { fault } of verifyTable(auditRows(store))) {
    if (fault) violations.push(`audit record ${fault.seq} ${fault.what}`);
  }
  // What is written and not yet through, the last tick perhaps, nobody has seen live.
  const { index } = aggregator.core?.sequencer.applied ?? { index: 0 };
  const [first, second] = [rerun(disk, index), rerun(disk, index)];
  if (first.bytes !== second.bytes) violations.push("two replays of the journal differ");
  if (first.lacks.length === 0) compare(system, first.store, violations);
  else if (!aggregator.forgets && !system.twins) {
    const { windows, late } = counted(first.store);
    if (windows + late !== held.size) {
      violations.push(
        `${held.size} records journalled around a gap, ${windows} in windows and ${late} late when replayed`,
      );
    }
  }
  for (const edge of edges) {
    const counts = await edge.counts();
    if (!counts) continue;
    const { received, forwarded, duplicate, nearDuplicate, malformed, refused, shed = 0 } = counts;
    if (received === forwarded + duplicate + nearDuplicate + malformed + refused + shed) continue;
    violations.push(`${edge.edgeId} does not conserve: ${JSON.stringify(counts)}`);
  }
}

/** As SQLite would have them: each once, whatever was delivered again. */
function auditRows(store: Store): AuditRow[] {
  return store.rows("audit ").map(({ key, body }, i) => {
    const record: AuditRecord = JSON.parse(body);
    const [, journal] = key.split(" ");
    return { id: i + 1, journal, seq: record.seq, at_us: record.atUs, body: canonical(record), hash: record.hash };
  });
}

// What retention has let go of cannot be replayed, so it is compared from where the replay begins.
function compare({ aggregator: { store } }: System, replayed: Store, violations: string[]): void {
  for (const prefix of ['["tumbling",', '["sliding",', "alert ", "late ", "audit "]) {
    const live = new Map(store.rows(prefix).map(({ key, body }) => [key, body]));
    const differing = replayed.rows(prefix).filter(({ key, body }) => live.get(key) !== body);
    report(violations, "replayed otherwise than live", differing.map(({ key }) => key));
  }
}

function report(violations: string[], what: string, which: string[]): void {
  if (which.length > 0) violations.push(`${which.length} ${what}: ${which.slice(0, 5).join(", ")}`);
}
