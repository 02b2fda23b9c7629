package slipstream.byhand;

import java.util.Properties;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import java.time.Duration;

/** The windows of flink/windows.sql in the DataStream API: ByHand BROKERS TELEMETRY METRICS. For the comparison of what they cost. */
public final class ByHand {
  public static void main(String[] args) throws Exception {
    String brokers = args[0], telemetry = args[1], metrics = args[2];
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    var source = KafkaSource.<Reading>builder()
        .setBootstrapServers(brokers)
        .setTopics(telemetry)
        .setGroupId("slipstream-by-hand")
        .setStartingOffsets(OffsetsInitializer.earliest())
        .setBounded(OffsetsInitializer.latest())
        .setValueOnlyDeserializer(new Reading.Schema())
        .build();
    var watermarks = WatermarkStrategy.<Reading>forGenerator(context -> new FinalBefore())
        .withTimestampAssigner((reading, ignored) -> reading.eventTimeUs / 1000);
    var tumbling = env.fromSource(source, watermarks, "telemetry")
        .keyBy(reading -> reading.fleet)
        .window(TumblingEventTimeWindows.of(Duration.ofSeconds(1)))
        .aggregate(new Second.Add(), new Tumbling());
    var sliding = tumbling.getSideOutput(Tumbling.SUMS)
        .keyBy(sums -> sums.fleet)
        .window(SlidingEventTimeWindows.of(Duration.ofSeconds(10), Duration.ofSeconds(1)))
        .process(new Sliding());
    tumbling.union(sliding).sinkTo(sink(brokers, metrics));
    env.execute("windows by hand");
  }

  private static KafkaSink<String> sink(String brokers, String topic) {
    var properties = new Properties();
    properties.put("transaction.timeout.ms", "600000");
    properties.put("compression.type", "zstd");
    properties.put("linger.ms", "5");
    return KafkaSink.<String>builder()
        .setBootstrapServers(brokers)
        .setKafkaProducerConfig(properties)
        .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
        .setTransactionalIdPrefix(topic)
        .setRecordSerializer(KafkaRecordSerializationSchema.<String>builder()
            .setTopic(topic)
            .setValueSerializationSchema(new SimpleStringSchema())
            .build())
        .build();
  }

  private ByHand() {}
}
