from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RecordFlag(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RECORD_FLAG_UNSPECIFIED: _ClassVar[RecordFlag]
    RECORD_FLAG_ARMED: _ClassVar[RecordFlag]
    RECORD_FLAG_IN_AIR: _ClassVar[RecordFlag]
    RECORD_FLAG_ON_MISSION: _ClassVar[RecordFlag]
    RECORD_FLAG_EMERGENCY: _ClassVar[RecordFlag]
    RECORD_FLAG_RTL: _ClassVar[RecordFlag]
    RECORD_FLAG_LANDING: _ClassVar[RecordFlag]
    RECORD_FLAG_GEOFENCE_BREACH: _ClassVar[RecordFlag]
    RECORD_FLAG_NO_VELOCITY: _ClassVar[RecordFlag]
RECORD_FLAG_UNSPECIFIED: RecordFlag
RECORD_FLAG_ARMED: RecordFlag
RECORD_FLAG_IN_AIR: RecordFlag
RECORD_FLAG_ON_MISSION: RecordFlag
RECORD_FLAG_EMERGENCY: RecordFlag
RECORD_FLAG_RTL: RecordFlag
RECORD_FLAG_LANDING: RecordFlag
RECORD_FLAG_GEOFENCE_BREACH: RecordFlag
RECORD_FLAG_NO_VELOCITY: RecordFlag

class TelemetryFrame(_message.Message):
    __slots__ = ("drone_id", "boot_id", "records", "alert_acks", "group")
    DRONE_ID_FIELD_NUMBER: _ClassVar[int]
    BOOT_ID_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    ALERT_ACKS_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    drone_id: str
    boot_id: int
    records: _containers.RepeatedCompositeFieldContainer[Telemetry]
    alert_acks: _containers.RepeatedCompositeFieldContainer[AlertAck]
    group: str
    def __init__(self, drone_id: _Optional[str] = ..., boot_id: _Optional[int] = ..., records: _Optional[_Iterable[_Union[Telemetry, _Mapping]]] = ..., alert_acks: _Optional[_Iterable[_Union[AlertAck, _Mapping]]] = ..., group: _Optional[str] = ...) -> None: ...

class Telemetry(_message.Message):
    __slots__ = ("seq", "event_time_us", "flags", "position", "battery", "obstacles")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EVENT_TIME_US_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    BATTERY_FIELD_NUMBER: _ClassVar[int]
    OBSTACLES_FIELD_NUMBER: _ClassVar[int]
    seq: int
    event_time_us: int
    flags: int
    position: Position
    battery: Battery
    obstacles: ObstacleScan
    def __init__(self, seq: _Optional[int] = ..., event_time_us: _Optional[int] = ..., flags: _Optional[int] = ..., position: _Optional[_Union[Position, _Mapping]] = ..., battery: _Optional[_Union[Battery, _Mapping]] = ..., obstacles: _Optional[_Union[ObstacleScan, _Mapping]] = ...) -> None: ...

class Position(_message.Message):
    __slots__ = ("lat_e7", "lon_e7", "alt_msl_mm", "alt_home_mm", "vn_cms", "ve_cms", "vd_cms", "heading_cdeg", "h_acc_mm", "v_acc_mm", "fix_type", "satellites")
    LAT_E7_FIELD_NUMBER: _ClassVar[int]
    LON_E7_FIELD_NUMBER: _ClassVar[int]
    ALT_MSL_MM_FIELD_NUMBER: _ClassVar[int]
    ALT_HOME_MM_FIELD_NUMBER: _ClassVar[int]
    VN_CMS_FIELD_NUMBER: _ClassVar[int]
    VE_CMS_FIELD_NUMBER: _ClassVar[int]
    VD_CMS_FIELD_NUMBER: _ClassVar[int]
    HEADING_CDEG_FIELD_NUMBER: _ClassVar[int]
    H_ACC_MM_FIELD_NUMBER: _ClassVar[int]
    V_ACC_MM_FIELD_NUMBER: _ClassVar[int]
    FIX_TYPE_FIELD_NUMBER: _ClassVar[int]
    SATELLITES_FIELD_NUMBER: _ClassVar[int]
    lat_e7: int
    lon_e7: int
    alt_msl_mm: int
    alt_home_mm: int
    vn_cms: int
    ve_cms: int
    vd_cms: int
    heading_cdeg: int
    h_acc_mm: int
    v_acc_mm: int
    fix_type: int
    satellites: int
    def __init__(self, lat_e7: _Optional[int] = ..., lon_e7: _Optional[int] = ..., alt_msl_mm: _Optional[int] = ..., alt_home_mm: _Optional[int] = ..., vn_cms: _Optional[int] = ..., ve_cms: _Optional[int] = ..., vd_cms: _Optional[int] = ..., heading_cdeg: _Optional[int] = ..., h_acc_mm: _Optional[int] = ..., v_acc_mm: _Optional[int] = ..., fix_type: _Optional[int] = ..., satellites: _Optional[int] = ...) -> None: ...

class Battery(_message.Message):
    __slots__ = ("id", "voltage_mv", "current_ca", "remaining_cpct", "temperature_cdegc", "charge_state")
    ID_FIELD_NUMBER: _ClassVar[int]
    VOLTAGE_MV_FIELD_NUMBER: _ClassVar[int]
    CURRENT_CA_FIELD_NUMBER: _ClassVar[int]
    REMAINING_CPCT_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_CDEGC_FIELD_NUMBER: _ClassVar[int]
    CHARGE_STATE_FIELD_NUMBER: _ClassVar[int]
    id: int
    voltage_mv: int
    current_ca: int
    remaining_cpct: int
    temperature_cdegc: int
    charge_state: int
    def __init__(self, id: _Optional[int] = ..., voltage_mv: _Optional[int] = ..., current_ca: _Optional[int] = ..., remaining_cpct: _Optional[int] = ..., temperature_cdegc: _Optional[int] = ..., charge_state: _Optional[int] = ...) -> None: ...

class ObstacleScan(_message.Message):
    __slots__ = ("sensor_id", "frame", "max_range_cm", "hits")
    class Hit(_message.Message):
        __slots__ = ("bearing_cdeg", "elevation_cdeg", "range_cm", "range_rate_cms")
        BEARING_CDEG_FIELD_NUMBER: _ClassVar[int]
        ELEVATION_CDEG_FIELD_NUMBER: _ClassVar[int]
        RANGE_CM_FIELD_NUMBER: _ClassVar[int]
        RANGE_RATE_CMS_FIELD_NUMBER: _ClassVar[int]
        bearing_cdeg: int
        elevation_cdeg: int
        range_cm: int
        range_rate_cms: int
        def __init__(self, bearing_cdeg: _Optional[int] = ..., elevation_cdeg: _Optional[int] = ..., range_cm: _Optional[int] = ..., range_rate_cms: _Optional[int] = ...) -> None: ...
    SENSOR_ID_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    MAX_RANGE_CM_FIELD_NUMBER: _ClassVar[int]
    HITS_FIELD_NUMBER: _ClassVar[int]
    sensor_id: int
    frame: int
    max_range_cm: int
    hits: _containers.RepeatedCompositeFieldContainer[ObstacleScan.Hit]
    def __init__(self, sensor_id: _Optional[int] = ..., frame: _Optional[int] = ..., max_range_cm: _Optional[int] = ..., hits: _Optional[_Iterable[_Union[ObstacleScan.Hit, _Mapping]]] = ...) -> None: ...

class AlertAck(_message.Message):
    __slots__ = ("alert_id", "received_time_us", "revision")
    ALERT_ID_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_TIME_US_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    alert_id: int
    received_time_us: int
    revision: int
    def __init__(self, alert_id: _Optional[int] = ..., received_time_us: _Optional[int] = ..., revision: _Optional[int] = ...) -> None: ...
