// Who is meant by a slot, for whoever reads the journal from its beginning: slots are told once.
import { checkpointName, decodeCheckpoint, listCheckpoints } from "../journal/checkpoints.ts";
import type { Disk } from "../journal/disk.ts";
import { listSegments } from "../journal/reader.ts";
import { Drones } from "../pipeline/drones/drones.ts";
import { Sessions } from "../pipeline/drones/sessions.ts";
import { PIPELINE_DEFAULTS } from "../pipeline/settings.ts";
import { Restorer } from "../pipeline/state/saved.ts";

/** What slots mean where the journal begins. */
export function slotsBefore(disk: Pick<Disk, "list" | "read">): { sessions: Sessions; afterIndex: number } {
  const drones = new Drones(PIPELINE_DEFAULTS.dronesMax, { beforeDrone: () => {} });
  const sessions = new Sessions(drones, { beforeDrone: () => {} });
  const first = listSegments(disk)[0]?.firstIndex ?? 1;
  for (const index of first === 1 ? [] : listCheckpoints(disk)) {
    if (index < first - 1) continue;
    const checkpoint = decodeCheckpoint(disk.read(checkpointName(index)));
    if (!checkpoint) continue;
    const restorer = new Restorer();
    for (const piece of checkpoint.state) {
      if (piece.type === "shared") restorer.add(piece);
      else if (piece.type === "known") drones.restore(piece, restorer);
      else if (piece.type === "sources") sessions.restore(piece, restorer);
    }
    break;
  }
  return { sessions, afterIndex: first - 1 };
}
