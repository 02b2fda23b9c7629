package slipstream.byhand;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.functions.AggregateFunction;

/** One second of one fleet: panes by zone and drone. */
final class Second {
  final Map<String, Map<String, Pane>> zones = new HashMap<>();

  /** The same for all zones together. */
  Map<String, Pane> everywhere() {
    Map<String, Pane> drones = new HashMap<>();
    for (var zone : zones.values()) zone.forEach((drone, pane) -> drones.merge(drone, pane, Pane::with));
    return drones;
  }

  static final class Add implements AggregateFunction<Reading, Second, Second> {
    @Override
    public Second createAccumulator() {
      return new Second();
    }

    @Override
    public Second add(Reading reading, Second second) {
      second.zones.computeIfAbsent(reading.zone, zone -> new HashMap<>())
          .computeIfAbsent(reading.droneId, drone -> new Pane())
          .add(reading);
      return second;
    }

    @Override
    public Second getResult(Second second) {
      return second;
    }

    @Override
    public Second merge(Second a, Second b) {
      throw new UnsupportedOperationException("Cannot merge seconds: their windows do not merge");
    }
  }
}
