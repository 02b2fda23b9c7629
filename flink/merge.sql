-- Windows of all regions, from what each has told of its own: what fleet-metrics-global has, computed by Flink. Columns and settings as
-- in windows.sql; ${TOPICS} are the regions' topics, with semicolons between. A window fires when it is final in each of them.

SET 'table.local-time-zone' = 'UTC';

-- A message without a fleet says only how far its region is.
CREATE TEMPORARY TABLE partials (
  region STRING, final_before_us BIGINT, fleet STRING, zone STRING, start_us BIGINT, revision INT, part INT,
  drones ARRAY<ROW<
    drone_id STRING, near_duplicates INT, batteries INT, obstacles INT, positions INT, speed_sum_cms BIGINT,
    charges ARRAY<ROW<battery_id INT, last_us INT, last_seq BIGINT, last_cpct INT>>,
    latest_us INT, latest_seq BIGINT, cell BIGINT>>,
  event_time AS TO_TIMESTAMP_LTZ(COALESCE(start_us, final_before_us) / 1000, 3),
  WATERMARK FOR event_time AS TO_TIMESTAMP_LTZ(final_before_us / 1000, 3)
) WITH (
  'connector' = 'kafka', 'topic' = '${TOPICS}', 'properties.bootstrap.servers' = '${BROKERS}',
  'properties.group.id' = 'slipstream-merge',
  'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = '${BOUNDED}',
  'scan.watermark.idle-timeout' = '${IDLE}',
  'format' = 'protobuf', 'protobuf.message-class-name' = 'slipstream.v1.Fleet$WindowPartial'
);

-- A row is a window; `density` rows are its H3 cells, one each.
CREATE TEMPORARY TABLE metrics (
  kind STRING, fleet STRING, zone STRING, start_us BIGINT, end_us BIGINT,
  drones BIGINT, positions BIGINT, batteries BIGINT, obstacles BIGINT, near_duplicates BIGINT,
  average_cpct DOUBLE, min_cpct INT, low_count BIGINT, known BIGINT,
  speed_average_cms DOUBLE,
  cell STRING
) WITH (
  'connector' = 'kafka', 'topic' = '${PREFIX}-metrics-global-flink', 'properties.bootstrap.servers' = '${BROKERS}',
  'key.format' = 'json', 'key.fields' = 'kind;fleet;zone;start_us;cell', 'value.format' = 'json',
  'sink.delivery-guarantee' = '${GUARANTEE}', 'sink.transactional-id-prefix' = '${PREFIX}-metrics-global-flink',
  'properties.transaction.timeout.ms' = '600000', 'properties.compression.type' = 'zstd', 'properties.linger.ms' = '5'
);

-- Of each part of a zone's second the latest revision that a region has told.
CREATE TEMPORARY VIEW latest AS
SELECT window_time AS latest_time, fleet, zone, drones FROM (
  SELECT window_start, window_end, window_time, fleet, zone, drones,
    ROW_NUMBER() OVER (PARTITION BY window_start, window_end, region, fleet, zone, part ORDER BY revision DESC) AS place
  FROM TABLE(TUMBLE(TABLE partials, DESCRIPTOR(event_time), INTERVAL '1' SECOND))
  WHERE fleet IS NOT NULL
) WHERE place = 1;

-- One second of one drone in a zone, of one region: what is absent is 0.
CREATE TEMPORARY VIEW drone_seconds AS
SELECT latest_time AS second_time, fleet, zone, drone_id,
  COALESCE(positions, 0) + COALESCE(near_duplicates, 0) AS positions, COALESCE(batteries, 0) AS batteries,
  COALESCE(obstacles, 0) AS obstacles, COALESCE(near_duplicates, 0) AS near_duplicates,
  COALESCE(positions, 0) AS measured, COALESCE(speed_sum_cms, CAST(0 AS BIGINT)) AS speed_sum,
  charges, latest_us, latest_seq, cell
FROM latest CROSS JOIN UNNEST(drones) AS d (
  drone_id, near_duplicates, batteries, obstacles, positions, speed_sum_cms, charges, latest_us, latest_seq, cell
);

-- The same, and one row for each battery, packed as in windows.sql: the greatest charge is the latest.
CREATE TEMPORARY VIEW battery_seconds AS
SELECT second_time, fleet, zone, drone_id, CAST(NULL AS INT) AS battery_id,
  positions, batteries, obstacles, near_duplicates, CAST(NULL AS BIGINT) AS charge
FROM drone_seconds
UNION ALL
SELECT second_time, fleet, zone, drone_id, battery_id, 0, 0, 0, 0,
  last_us * 8796093022208 + MOD(last_seq, CAST(536870912 AS BIGINT)) * 16384 + last_cpct
FROM drone_seconds CROSS JOIN UNNEST(charges) AS c (battery_id, last_us, last_seq, last_cpct);

-- For each zone, and for the fleet, in which a drone that changes zones or regions within a second is one.
CREATE TEMPORARY VIEW scope_seconds AS
SELECT window_time AS scope_time, fleet, COALESCE(zone, '*') AS zone, drone_id, battery_id,
  SUM(positions) AS positions, SUM(batteries) AS batteries, SUM(obstacles) AS obstacles,
  SUM(near_duplicates) AS near_duplicates, CAST(MOD(MAX(charge), 16384) AS INT) AS cpct
FROM TABLE(TUMBLE(TABLE battery_seconds, DESCRIPTOR(second_time), INTERVAL '1' SECOND))
GROUP BY GROUPING SETS (
  (window_start, window_end, window_time, fleet, zone, drone_id, battery_id),
  (window_start, window_end, window_time, fleet, drone_id, battery_id)
);

-- The latest of a drone's places, in two halves as in windows.sql.
CREATE TEMPORARY VIEW scope_places AS
SELECT window_time AS scope_time, fleet, COALESCE(zone, '*') AS zone, drone_id,
  MOD(MAX(latest_us * 8796093022208 + MOD(latest_seq, CAST(67108864 AS BIGINT)) * 131072 + MOD(cell / 34359738368, 131072)),
    CAST(131072 AS BIGINT)) * 131072 +
  MOD(MAX(latest_us * 8796093022208 + MOD(latest_seq, CAST(67108864 AS BIGINT)) * 131072 + MOD(cell / 262144, 131072)),
    131072) AS place
FROM TABLE(TUMBLE(TABLE drone_seconds, DESCRIPTOR(second_time), INTERVAL '1' SECOND))
WHERE cell IS NOT NULL
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
