// Recorded flights from a ground station's log of MAVLink (.tlog): what each vehicle in it has measured.
import { fromBinary } from "@bufbuild/protobuf";
import { type Telemetry, TelemetryFrameSchema } from "../proto/gen/slipstream/v1/telemetry_pb.ts";
import { Mavlink } from "../wasm/mavlink.ts";
import { TlogReader } from "../wasm/mavlink/tlog.ts";
import type { RecordedRow, Recording } from "./recording.ts";

const VEHICLES_MAX = 250;

/**
 * One recording for each vehicle, `mav-N` being system N, in the order of what was measured.
 *
 * @throws {SyntaxError} naming the file, where no vehicle in it says where it is.
 */
export async function readTlog(bytes: Uint8Array<ArrayBuffer>, fileName: string): Promise<Recording[]> {
  const byDrone = new Map<string, Telemetry[]>();
  const link = (await Mavlink.load()).open({
    vehiclesMax: VEHICLES_MAX,
    admit: (system) => ({ droneId: `mav-${system}` }),
    onFrame: (frame) => {
      const { droneId, records } = fromBinary(TelemetryFrameSchema, frame);
      const before = byDrone.get(droneId);
      if (before) before.push(...records);
      else byDrone.set(droneId, records);
    },
  });
  for (const { nowUs, frame } of new TlogReader().read(bytes)) link?.push(frame, nowUs);
  link?.close();
  const flights = [...byDrone].filter(([, records]) => records.some(({ body }) => body.case === "position"));
  if (flights.length === 0) throw new SyntaxError(`Cannot read ${fileName}: no vehicle in it says where it is`);
  const times = flights.flatMap(([, records]) => records.map(({ eventTimeUs }) => Number(eventTimeUs)));
  const firstUs = times.reduce((least, us) => Math.min(least, us));
  return flights.map(([droneId, records]) => ({ droneId, rows: records.map((record) => rowOf(record, firstUs)) }));
}

function rowOf({ eventTimeUs, body }: Telemetry, firstUs: number): RecordedRow {
  return {
    offsetUs: Number(eventTimeUs) - firstUs,
    position: body.case === "position" ? body.value : null,
    hasVelocity: true,
    battery: body.case === "battery" ? body.value : null,
    obstacles: body.case === "obstacles" ? body.value : null,
  };
}
