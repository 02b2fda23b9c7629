package slipstream.byhand;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What sliding windows need of a second of a fleet, by zone. */
final class Sums {
  static final class Scope {
    long positions, batteries, obstacles, nearDuplicates, speedSumCms, measured;
    final Set<String> drones = new HashSet<>();

    void add(String drone, Pane pane) {
      drones.add(drone);
      positions += pane.positions;
      batteries += pane.batteries;
      obstacles += pane.obstacles;
      nearDuplicates += pane.nearDuplicates;
      speedSumCms += pane.speedSumCms;
      measured += pane.measured;
    }

    void add(Scope other) {
      drones.addAll(other.drones);
      positions += other.positions;
      batteries += other.batteries;
      obstacles += other.obstacles;
      nearDuplicates += other.nearDuplicates;
      speedSumCms += other.speedSumCms;
      measured += other.measured;
    }

    /** As fields of a row. */
    String counts() {
      return ",\"drones\":" + drones.size() + ",\"positions\":" + positions + ",\"batteries\":" + batteries + ",\"obstacles\":"
          + obstacles + ",\"near_duplicates\":" + nearDuplicates;
    }
  }

  String fleet;
  final Map<String, Scope> scopes = new HashMap<>();

  /** A row's beginning; names of fleets and zones in benchmarks need no escapes. */
  static String head(String kind, String fleet, String zone, long startMs, long endMs) {
    return "{\"kind\":\"" + kind + "\",\"fleet\":\"" + fleet + "\",\"zone\":\"" + zone + "\",\"start_us\":" + startMs * 1000
        + ",\"end_us\":" + endMs * 1000;
  }
}
