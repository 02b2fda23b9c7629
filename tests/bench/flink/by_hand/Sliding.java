package slipstream.byhand;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/** Rows of ten seconds. */
final class Sliding extends ProcessWindowFunction<Sums, String, String, TimeWindow> {
  @Override
  public void process(String fleet, Context context, Iterable<Sums> seconds, Collector<String> out) {
    Map<String, Sums.Scope> scopes = new HashMap<>();
    for (Sums second : seconds) {
      second.scopes.forEach((zone, scope) -> scopes.computeIfAbsent(zone, z -> new Sums.Scope()).add(scope));
    }
    scopes.forEach((zone, scope) -> {
      String average = scope.measured == 0 ? "null" : Double.toString((double) scope.speedSumCms / scope.measured);
      String head = Sums.head("sliding", fleet, zone, context.window().getStart(), context.window().getEnd());
      out.collect(head + scope.counts() + ",\"speed_average_cms\":" + average + "}");
    });
  }
}
