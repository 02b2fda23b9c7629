-- The aggregator's windows, from the records that it counted: what fleet-metrics has, computed by Flink. flink/run.sh fills in
-- ${BROKERS}, ${PREFIX} (of the topics), ${BOUNDED} (latest-offset ends the job at what is there, unbounded never), ${GUARANTEE},
-- ${IDLE} and ${WATERMARK}: by final_before_us a window fires when the aggregator's is final, equal to it whatever comes late; by
-- event_time less 100 ms it fires at once, and what comes later is not counted.

SET 'table.local-time-zone' = 'UTC';

CREATE TEMPORARY TABLE telemetry (
  fleet STRING, zone STRING, drone_id STRING, seq BIGINT, event_time_us BIGINT, final_before_us BIGINT, kind STRING, late BOOLEAN,
  vn_cms INT, ve_cms INT, cell BIGINT, battery_id INT, remaining_cpct INT,
  event_time AS TO_TIMESTAMP_LTZ(event_time_us / 1000, 3),
  WATERMARK FOR event_time AS ${WATERMARK}
) WITH (
  'connector' = 'kafka', 'topic' = '${PREFIX}-telemetry', 'properties.bootstrap.servers' = '${BROKERS}',
  'properties.group.id' = 'slipstream-windows',
  'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = '${BOUNDED}',
  'scan.watermark.idle-timeout' = '${IDLE}',
  'format' = 'protobuf', 'protobuf.message-class-name' = 'slipstream.v1.Fleet$FleetRecord'
);

-- A row is a window; `density` rows are its H3 cells, one each.
CREATE TEMPORARY TABLE metrics (
  kind STRING, fleet STRING, zone STRING, start_us BIGINT, end_us BIGINT,
  drones BIGINT, positions BIGINT, batteries BIGINT, obstacles BIGINT, near_duplicates BIGINT,
  average_cpct DOUBLE, min_cpct INT, low_count BIGINT, known BIGINT,
  speed_average_cms DOUBLE,
  cell STRING
) WITH (
  'connector' = 'kafka', 'topic' = '${PREFIX}-metrics-flink', 'properties.bootstrap.servers' = '${BROKERS}',
  'key.format' = 'json', 'key.fields' = 'kind;fleet;zone;start_us;cell', 'value.format' = 'json',
  'sink.delivery-guarantee' = '${GUARANTEE}', 'sink.transactional-id-prefix' = '${PREFIX}-metrics-flink',
  'properties.transaction.timeout.ms' = '600000', 'properties.compression.type' = 'zstd', 'properties.linger.ms' = '5'
);

-- One second of one drone in a zone, and of one battery of it: records that know none have NULL there. `charge` and `place` are the
-- latest by time and sequence number, packed so that the greatest is the latest: 20 bits of µs within the second, 29 of the sequence
-- number, 14 of the charge. MOD is of its divisor's type: an INT, multiplied, would overflow.
CREATE TEMPORARY VIEW drone_seconds AS
SELECT window_time AS second_time, fleet, zone, drone_id, battery_id,
  COUNT(*) FILTER (WHERE kind IN ('FLEET_RECORD_KIND_POSITION', 'FLEET_RECORD_KIND_NEAR_DUPLICATE')) AS positions,
  COUNT(*) FILTER (WHERE kind = 'FLEET_RECORD_KIND_BATTERY') AS batteries,
  COUNT(*) FILTER (WHERE kind = 'FLEET_RECORD_KIND_OBSTACLES') AS obstacles,
  COUNT(*) FILTER (WHERE kind = 'FLEET_RECORD_KIND_NEAR_DUPLICATE') AS near_duplicates,
  MAX(MOD(event_time_us, 1000000) * 8796093022208 + MOD(seq, CAST(536870912 AS BIGINT)) * 16384 + remaining_cpct) AS charge,
  SUM(CAST(ROUND(SQRT(CAST(vn_cms AS DOUBLE) * vn_cms + CAST(ve_cms AS DOUBLE) * ve_cms)) AS BIGINT)) AS speed_sum,
  COUNT(vn_cms) AS measured
FROM TABLE(TUMBLE(TABLE telemetry, DESCRIPTOR(event_time), INTERVAL '1' SECOND))
WHERE late IS NOT TRUE
GROUP BY window_start, window_end, window_time, fleet, zone, drone_id, battery_id;

-- The same for each zone, and for the fleet, in which a drone that changes zones within a second is one. A zone is never called *.
CREATE TEMPORARY VIEW scope_seconds AS
SELECT window_time AS scope_time, fleet, COALESCE(zone, '*') AS zone, drone_id, battery_id,
  SUM(positions) AS positions, SUM(batteries) AS batteries, SUM(obstacles) AS obstacles,
  SUM(near_duplicates) AS near_duplicates, CAST(MOD(MAX(charge), 16384) AS INT) AS cpct
FROM TABLE(TUMBLE(TABLE drone_seconds, DESCRIPTOR(second_time), INTERVAL '1' SECOND))
GROUP BY GROUPING SETS (
  (window_start, window_end, window_time, fleet, zone, drone_id, battery_id),
  (window_start, window_end, window_time, fleet, drone_id, battery_id)
);

-- An H3 cell of resolution 9 is its base cell and nine digits, 34 bits, then 18 bits that are the same for all. Packed in two halves
-- of 17 bits, each below 20 bits of µs and 26 of the sequence number: both are of the same position, the latest. A clock that stands
-- still makes thousands of them in one µs.
CREATE TEMPORARY VIEW drone_places AS
SELECT window_time AS place_time, fleet, zone, drone_id,
  MAX(MOD(event_time_us, 1000000) * 8796093022208 + MOD(seq, CAST(67108864 AS BIGINT)) * 131072 + MOD(cell / 34359738368, 131072)) AS high,
  MAX(MOD(event_time_us, 1000000) * 8796093022208 + MOD(seq, CAST(67108864 AS BIGINT)) * 131072 + MOD(cell / 262144, 131072)) AS low
FROM TABLE(TUMBLE(TABLE telemetry, DESCRIPTOR(event_time), INTERVAL '1' SECOND))
WHERE kind = 'FLEET_RECORD_KIND_POSITION' AND late IS NOT TRUE
GROUP BY window_start, window_end, window_time, fleet, zone, drone_id;

-- For the fleet, the later of a drone's places in two zones.
CREATE TEMPORARY VIEW scope_places AS
SELECT window_time AS scope_time, fleet, COALESCE(zone, '*') AS zone, drone_id,
  MOD(MAX(high), CAST(131072 AS BIGINT)) * 131072 + MOD(MAX(low), 131072) AS place
FROM TABLE(TUMBLE(TABLE drone_places, DESCRIPTOR(place_time), INTERVAL '1' SECOND))
GROUP BY GROUPING SETS (
  (window_start, window_end, window_time, fleet, zone, drone_id),
  (window_start, window_end, window_time, fleet, drone_id)
);

INSERT INTO metrics
SELECT 'tumbling', fleet, zone,
  UNIX_TIMESTAMP(CAST(window_start AS STRING)) * 1000000, UNIX_TIMESTAMP(CAST(window_end AS STRING)) * 1000000,
  COUNT(DISTINCT drone_id), SUM(positions), SUM(batteries), SUM(obstacles), SUM(near_duplicates),
  AVG(CAST(cpct AS DOUBLE)), MIN(cpct), COUNT(cpct) FILTER (WHERE cpct <= ${LOW_CPCT}), COUNT(cpct),
  CAST(NULL AS DOUBLE), CAST(NULL AS STRING)
FROM TABLE(TUMBLE(TABLE scope_seconds, DESCRIPTOR(scope_time), INTERVAL '1' SECOND))
GROUP BY window_start, window_end, fleet, zone
UNION ALL
SELECT 'sliding', fleet, COALESCE(zone, '*'),
  UNIX_TIMESTAMP(CAST(window_start AS STRING)) * 1000000, UNIX_TIMESTAMP(CAST(window_end AS STRING)) * 1000000,
  COUNT(DISTINCT drone_id), SUM(positions), SUM(batteries), SUM(obstacles), SUM(near_duplicates),
  CAST(NULL AS DOUBLE), CAST(NULL AS INT), CAST(NULL AS BIGINT), CAST(NULL AS BIGINT),
  CAST(SUM(speed_sum) AS DOUBLE) / NULLIF(SUM(measured), 0), CAST(NULL AS STRING)
FROM TABLE(HOP(TABLE drone_seconds, DESCRIPTOR(second_time), INTERVAL '1' SECOND, INTERVAL '10' SECOND))
GROUP BY GROUPING SETS ((window_start, window_end, fleet, zone), (window_start, window_end, fleet))
UNION ALL
SELECT 'density', fleet, zone,
  UNIX_TIMESTAMP(CAST(window_start AS STRING)) * 1000000, UNIX_TIMESTAMP(CAST(window_end AS STRING)) * 1000000,
  COUNT(*), CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), CAST(NULL AS BIGINT),
  CAST(NULL AS DOUBLE), CAST(NULL AS INT), CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), CAST(NULL AS DOUBLE),
  LOWER(HEX(place * 262144 + 617537220516511743 - MOD(617537220516511743 / 262144, 17179869184) * 262144))
FROM TABLE(TUMBLE(TABLE scope_places, DESCRIPTOR(scope_time), INTERVAL '1' SECOND))
GROUP BY window_start, window_end, fleet, zone, place;
