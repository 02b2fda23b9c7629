package slipstream.byhand;

import java.io.IOException;
import org.apache.flink.api.common.serialization.AbstractDeserializationSchema;
import slipstream.v1.Fleet.FleetRecord;
import slipstream.v1.Fleet.FleetRecordKind;

/** What windows need of a record; public and without a constructor, so that Flink serializes it by its fields. */
public final class Reading {
  public static final int UNKNOWN = -1;

  public String fleet, zone, droneId;
  public long eventTimeUs, finalBeforeUs, seq, cell;
  public int kind, batteryId, remainingCpct, speedCms;

  static final class Schema extends AbstractDeserializationSchema<Reading> {
    /** Null, which the source leaves out: it is in no window. */
    @Override
    public Reading deserialize(byte[] bytes) throws IOException {
      FleetRecord record = FleetRecord.parseFrom(bytes);
      if (record.getLate()) return null;
      var reading = new Reading();
      reading.fleet = record.getFleet();
      reading.zone = record.getZone();
      reading.droneId = record.getDroneId();
      reading.eventTimeUs = record.getEventTimeUs();
      reading.finalBeforeUs = record.getFinalBeforeUs();
      reading.seq = record.getSeq();
      reading.kind = record.getKind().getNumber();
      reading.cell = record.getCell();
      reading.batteryId = record.getBatteryId();
      reading.remainingCpct = record.hasRemainingCpct() ? record.getRemainingCpct() : UNKNOWN;
      reading.speedCms = record.hasVnCms() ? (int) Math.round(Math.hypot(record.getVnCms(), record.getVeCms())) : UNKNOWN;
      return reading;
    }
  }

  boolean is(FleetRecordKind other) {
    return kind == other.getNumber();
  }
}
