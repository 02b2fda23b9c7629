package slipstream.byhand;

import java.util.HashMap;
import java.util.Map;
import slipstream.v1.Fleet.FleetRecordKind;

/** One second of one drone, in a zone or in all of them. */
final class Pane {
  /** The latest of something, by time and sequence number. */
  static final class Latest {
    long eventTimeUs = Long.MIN_VALUE, seq, value;

    void offer(long eventTimeUs, long seq, long value) {
      if (eventTimeUs < this.eventTimeUs || eventTimeUs == this.eventTimeUs && seq < this.seq) return;
      this.eventTimeUs = eventTimeUs;
      this.seq = seq;
      this.value = value;
    }
  }

  long positions, batteries, obstacles, nearDuplicates, speedSumCms, measured;
  /** Null: it has told none. */
  Latest cell;
  final Map<Integer, Latest> charges = new HashMap<>(2);

  void add(Reading r) {
    if (r.is(FleetRecordKind.FLEET_RECORD_KIND_POSITION)) {
      positions++;
      if (cell == null) cell = new Latest();
      cell.offer(r.eventTimeUs, r.seq, r.cell);
    } else if (r.is(FleetRecordKind.FLEET_RECORD_KIND_BATTERY)) {
      batteries++;
      if (r.remainingCpct != Reading.UNKNOWN) {
        charges.computeIfAbsent(r.batteryId, id -> new Latest()).offer(r.eventTimeUs, r.seq, r.remainingCpct);
      }
    } else if (r.is(FleetRecordKind.FLEET_RECORD_KIND_OBSTACLES)) {
      obstacles++;
    } else {
      positions++;
      nearDuplicates++;
    }
    if (r.speedCms == Reading.UNKNOWN) return;
    speedSumCms += r.speedCms;
    measured++;
  }

  /** Both together: a drone that was in two zones. */
  Pane with(Pane other) {
    var sum = new Pane();
    for (Pane pane : new Pane[] {this, other}) {
      sum.positions += pane.positions;
      sum.batteries += pane.batteries;
      sum.obstacles += pane.obstacles;
      sum.nearDuplicates += pane.nearDuplicates;
      sum.speedSumCms += pane.speedSumCms;
      sum.measured += pane.measured;
      pane.charges.forEach((id, c) -> sum.charges.computeIfAbsent(id, i -> new Latest()).offer(c.eventTimeUs, c.seq, c.value));
      if (pane.cell == null) continue;
      if (sum.cell == null) sum.cell = new Latest();
      sum.cell.offer(pane.cell.eventTimeUs, pane.cell.seq, pane.cell.value);
    }
    return sum;
  }
}
