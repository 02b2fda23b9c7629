package slipstream.byhand;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** Rows of a second, those of its cells included; its sums beside. */
final class Tumbling extends ProcessWindowFunction<Second, String, String, TimeWindow> {
  static final OutputTag<Sums> SUMS = new OutputTag<>("sums") {};
  private static final long LOW_CPCT = 2500;

  @Override
  public void process(String fleet, Context context, Iterable<Second> seconds, Collector<String> out) {
    Second second = seconds.iterator().next();
    var sums = new Sums();
    sums.fleet = fleet;
    second.zones.forEach((zone, drones) -> tell(zone, drones, sums, context.window(), out));
    tell("*", second.everywhere(), sums, context.window(), out);
    context.output(SUMS, sums);
  }

  private static void tell(String zone, Map<String, Pane> drones, Sums sums, TimeWindow window, Collector<String> out) {
    var scope = new Sums.Scope();
    sums.scopes.put(zone, scope);
    Map<Long, Integer> cells = new HashMap<>();
    long sumCpct = 0, minCpct = Long.MAX_VALUE, low = 0, known = 0;
    for (var entry : drones.entrySet()) {
      Pane pane = entry.getValue();
      scope.add(entry.getKey(), pane);
      for (Pane.Latest charge : pane.charges.values()) {
        sumCpct += charge.value;
        minCpct = Math.min(minCpct, charge.value);
        if (charge.value <= LOW_CPCT) low++;
        known++;
      }
      if (pane.cell != null) cells.merge(pane.cell.value, 1, Integer::sum);
    }
    String average = known == 0 ? "null" : Double.toString((double) sumCpct / known);
    String minimum = known == 0 ? "null" : Long.toString(minCpct);
    out.collect(Sums.head("tumbling", sums.fleet, zone, window.getStart(), window.getEnd()) + scope.counts()
        + ",\"average_cpct\":" + average + ",\"min_cpct\":" + minimum + ",\"low_count\":" + low + ",\"known\":" + known + "}");
    String density = Sums.head("density", sums.fleet, zone, window.getStart(), window.getEnd());
    cells.forEach((cell, n) -> out.collect(density + ",\"drones\":" + n + ",\"cell\":\"" + Long.toHexString(cell) + "\"}"));
  }
}
