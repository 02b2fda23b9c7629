package slipstream.byhand;

import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;

/** A window fires when the aggregator's is final. */
final class FinalBefore implements WatermarkGenerator<Reading> {
  private long finalBeforeUs = Long.MIN_VALUE;

  @Override
  public void onEvent(Reading reading, long timestamp, WatermarkOutput output) {
    finalBeforeUs = Math.max(finalBeforeUs, reading.finalBeforeUs);
  }

  @Override
  public void onPeriodicEmit(WatermarkOutput output) {
    if (finalBeforeUs != Long.MIN_VALUE) output.emitWatermark(new Watermark(finalBeforeUs / 1000));
  }
}
