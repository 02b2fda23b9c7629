// Bytes of a MAVLink link, in two pieces, and as a log: frames that follow from them can be read, and memory does not grow.
import { decode } from "../../wasm/frames.ts";
import type { LinkCounts } from "../../../wasm/mavlink/counts.ts";
import { TlogReader } from "../../../wasm/mavlink/tlog.ts";
import { Mavlink } from "../../../wasm/mavlink.ts";
import { frameOf, MESSAGES, payloadOf, positionOf } from "../../mavlink/frames.ts";
import { Broken, few, type Session, type Target } from "../target.ts";

const NOW_US = 1_790_000_100_000_000;
const KEY = new Uint8Array(32);
/** 2^32 seconds. */
const TIME_US_MAX = BigInt(2 ** 32) * 1_000_000n;
const REFUSED = [
  ...["unreadable", "replayed", "wrongSignatures", "unsigned", "denied", "noVehicles", "wrongChecksums"] as const,
];
const NAMES = Object.keys(MESSAGES) as (keyof typeof MESSAGES)[];

function seeds(): Uint8Array[] {
  const signature = { key: KEY, timeUs: NOW_US };
  return [
    ...NAMES.map((name) => frameOf(name, payloadOf(name, ["Uint8", 0, 1]))),
    ...[positionOf(1000), positionOf(1000, { v1: true }), positionOf(1000, { wide: true })],
    positionOf(1000, { system: 2, signature }),
  ];
}

async function open(): Promise<Session> {
  const module = await Mavlink.load((error) => {
    throw new Broken(`A trap: ${error}`);
  });
  return {
    run: (input) => {
      const bytes = Uint8Array.from(input);
      let [records, traffic] = [0, 0];
      const link = module.open({
        vehiclesMax: 2,
        admit: (system) => system === 3 ? null : { droneId: `mav-${system}`, ...(system === 2 ? { key: KEY } : {}) },
        onFrame: (frame) => {
          for (const { eventTimeUs } of decode(frame).records) {
            records++;
            if (eventTimeUs >= TIME_US_MAX) throw new Broken(`An event time of ${eventTimeUs}`);
          }
        },
        onTraffic: () => traffic++,
      })!;
      // The middle says where: wherever it is, the same follows.
      const cut = bytes.length > 0 ? bytes[bytes.length >> 1]! % bytes.length : 0;
      link.push(bytes.subarray(0, cut), NOW_US);
      link.push(bytes.subarray(cut), NOW_US);
      const counts = link.counts();
      link.close();
      if (counts.records !== records) throw new Broken(`${counts.records} records, ${records} told`);
      if (counts.traffic === 0 && traffic > 0) throw new Broken("Traffic that nobody spoke of");
      for (const { nowUs } of new TlogReader().read(bytes)) {
        if (!(nowUs < 2 ** 32 * 1e6 + 1)) throw new Broken(`A log of ${nowUs}`);
      }
      return outcome(counts);
    },
    memoryBytes: () => module.memoryBytes,
  };
}

/** What followed, and the first of these that did not. */
function outcome(counts: LinkCounts): string {
  const refused = REFUSED.find((name) => counts[name] > 0) ?? "";
  return `${few(counts.records)} records ${few(counts.traffic)} traffic ${refused}`.trim();
}

export const MAVLINK: Target = { name: "mavlink", format: "bytes", bytesMax: 2048, seeds, open };
