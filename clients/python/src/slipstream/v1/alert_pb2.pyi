from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AlertKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ALERT_KIND_UNSPECIFIED: _ClassVar[AlertKind]
    ALERT_KIND_CONFLICT: _ClassVar[AlertKind]
    ALERT_KIND_OBSTACLE: _ClassVar[AlertKind]
    ALERT_KIND_BATTERY_LOW: _ClassVar[AlertKind]
    ALERT_KIND_BATTERY_CRITICAL: _ClassVar[AlertKind]
    ALERT_KIND_LINK_LOSS: _ClassVar[AlertKind]
    ALERT_KIND_CLOCK_SKEW: _ClassVar[AlertKind]
    ALERT_KIND_IDENTITY_CLASH: _ClassVar[AlertKind]
    ALERT_KIND_POSITION_GLITCH: _ClassVar[AlertKind]
    ALERT_KIND_DEGRADED: _ClassVar[AlertKind]
    ALERT_KIND_EDGE_LOST: _ClassVar[AlertKind]
    ALERT_KIND_CROWD: _ClassVar[AlertKind]

class AlertSeverity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ALERT_SEVERITY_UNSPECIFIED: _ClassVar[AlertSeverity]
    ALERT_SEVERITY_WARNING: _ClassVar[AlertSeverity]
    ALERT_SEVERITY_CRITICAL: _ClassVar[AlertSeverity]

class AlertState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ALERT_STATE_UNSPECIFIED: _ClassVar[AlertState]
    ALERT_STATE_RAISED: _ClassVar[AlertState]
    ALERT_STATE_ESCALATED: _ClassVar[AlertState]
    ALERT_STATE_ACKNOWLEDGED: _ClassVar[AlertState]
    ALERT_STATE_RESOLVED: _ClassVar[AlertState]
    ALERT_STATE_DOWNGRADED: _ClassVar[AlertState]
ALERT_KIND_UNSPECIFIED: AlertKind
ALERT_KIND_CONFLICT: AlertKind
ALERT_KIND_OBSTACLE: AlertKind
ALERT_KIND_BATTERY_LOW: AlertKind
ALERT_KIND_BATTERY_CRITICAL: AlertKind
ALERT_KIND_LINK_LOSS: AlertKind
ALERT_KIND_CLOCK_SKEW: AlertKind
ALERT_KIND_IDENTITY_CLASH: AlertKind
ALERT_KIND_POSITION_GLITCH: AlertKind
ALERT_KIND_DEGRADED: AlertKind
ALERT_KIND_EDGE_LOST: AlertKind
ALERT_KIND_CROWD: AlertKind
ALERT_SEVERITY_UNSPECIFIED: AlertSeverity
ALERT_SEVERITY_WARNING: AlertSeverity
ALERT_SEVERITY_CRITICAL: AlertSeverity
ALERT_STATE_UNSPECIFIED: AlertState
ALERT_STATE_RAISED: AlertState
ALERT_STATE_ESCALATED: AlertState
ALERT_STATE_ACKNOWLEDGED: AlertState
ALERT_STATE_RESOLVED: AlertState
ALERT_STATE_DOWNGRADED: AlertState

class Alert(_message.Message):
    __slots__ = ("alert_id", "kind", "severity", "state", "drone_ids", "detail", "raised_time_us", "changed_time_us", "message", "ttl_ms", "revision", "conflict", "obstacle", "crowd", "path")
    ALERT_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    DRONE_IDS_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    RAISED_TIME_US_FIELD_NUMBER: _ClassVar[int]
    CHANGED_TIME_US_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    TTL_MS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    CONFLICT_FIELD_NUMBER: _ClassVar[int]
    OBSTACLE_FIELD_NUMBER: _ClassVar[int]
    CROWD_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    alert_id: int
    kind: AlertKind
    severity: AlertSeverity
    state: AlertState
    drone_ids: _containers.RepeatedScalarFieldContainer[str]
    detail: str
    raised_time_us: int
    changed_time_us: int
    message: str
    ttl_ms: int
    revision: int
    conflict: Conflict
    obstacle: Obstacle
    crowd: Crowd
    path: AlertPath
    def __init__(self, alert_id: _Optional[int] = ..., kind: _Optional[_Union[AlertKind, str]] = ..., severity: _Optional[_Union[AlertSeverity, str]] = ..., state: _Optional[_Union[AlertState, str]] = ..., drone_ids: _Optional[_Iterable[str]] = ..., detail: _Optional[str] = ..., raised_time_us: _Optional[int] = ..., changed_time_us: _Optional[int] = ..., message: _Optional[str] = ..., ttl_ms: _Optional[int] = ..., revision: _Optional[int] = ..., conflict: _Optional[_Union[Conflict, _Mapping]] = ..., obstacle: _Optional[_Union[Obstacle, _Mapping]] = ..., crowd: _Optional[_Union[Crowd, _Mapping]] = ..., path: _Optional[_Union[AlertPath, _Mapping]] = ...) -> None: ...

class Conflict(_message.Message):
    __slots__ = ("time_to_closest_ms", "closest_horizontal_cm", "closest_vertical_cm", "horizontal_cm", "vertical_cm", "time_to_entry_ms", "assumed", "intruder")
    TIME_TO_CLOSEST_MS_FIELD_NUMBER: _ClassVar[int]
    CLOSEST_HORIZONTAL_CM_FIELD_NUMBER: _ClassVar[int]
    CLOSEST_VERTICAL_CM_FIELD_NUMBER: _ClassVar[int]
    HORIZONTAL_CM_FIELD_NUMBER: _ClassVar[int]
    VERTICAL_CM_FIELD_NUMBER: _ClassVar[int]
    TIME_TO_ENTRY_MS_FIELD_NUMBER: _ClassVar[int]
    ASSUMED_FIELD_NUMBER: _ClassVar[int]
    INTRUDER_FIELD_NUMBER: _ClassVar[int]
    time_to_closest_ms: int
    closest_horizontal_cm: int
    closest_vertical_cm: int
    horizontal_cm: int
    vertical_cm: int
    time_to_entry_ms: int
    assumed: _containers.RepeatedScalarFieldContainer[str]
    intruder: Intruder
    def __init__(self, time_to_closest_ms: _Optional[int] = ..., closest_horizontal_cm: _Optional[int] = ..., closest_vertical_cm: _Optional[int] = ..., horizontal_cm: _Optional[int] = ..., vertical_cm: _Optional[int] = ..., time_to_entry_ms: _Optional[int] = ..., assumed: _Optional[_Iterable[str]] = ..., intruder: _Optional[_Union[Intruder, _Mapping]] = ...) -> None: ...

class Intruder(_message.Message):
    __slots__ = ("id", "crewed", "lat_e7", "lon_e7", "alt_msl_mm", "track_cdeg", "speed_cms", "climb_cms", "age_ms")
    ID_FIELD_NUMBER: _ClassVar[int]
    CREWED_FIELD_NUMBER: _ClassVar[int]
    LAT_E7_FIELD_NUMBER: _ClassVar[int]
    LON_E7_FIELD_NUMBER: _ClassVar[int]
    ALT_MSL_MM_FIELD_NUMBER: _ClassVar[int]
    TRACK_CDEG_FIELD_NUMBER: _ClassVar[int]
    SPEED_CMS_FIELD_NUMBER: _ClassVar[int]
    CLIMB_CMS_FIELD_NUMBER: _ClassVar[int]
    AGE_MS_FIELD_NUMBER: _ClassVar[int]
    id: str
    crewed: bool
    lat_e7: int
    lon_e7: int
    alt_msl_mm: int
    track_cdeg: int
    speed_cms: int
    climb_cms: int
    age_ms: int
    def __init__(self, id: _Optional[str] = ..., crewed: bool = ..., lat_e7: _Optional[int] = ..., lon_e7: _Optional[int] = ..., alt_msl_mm: _Optional[int] = ..., track_cdeg: _Optional[int] = ..., speed_cms: _Optional[int] = ..., climb_cms: _Optional[int] = ..., age_ms: _Optional[int] = ...) -> None: ...

class Crowd(_message.Message):
    __slots__ = ("drones", "lat_e7", "lon_e7", "radius_cm")
    DRONES_FIELD_NUMBER: _ClassVar[int]
    LAT_E7_FIELD_NUMBER: _ClassVar[int]
    LON_E7_FIELD_NUMBER: _ClassVar[int]
    RADIUS_CM_FIELD_NUMBER: _ClassVar[int]
    drones: int
    lat_e7: int
    lon_e7: int
    radius_cm: int
    def __init__(self, drones: _Optional[int] = ..., lat_e7: _Optional[int] = ..., lon_e7: _Optional[int] = ..., radius_cm: _Optional[int] = ...) -> None: ...

class Obstacle(_message.Message):
    __slots__ = ("sensor_id", "range_cm", "closing_cms", "bearing_cdeg", "frame", "true_bearing_cdeg")
    SENSOR_ID_FIELD_NUMBER: _ClassVar[int]
    RANGE_CM_FIELD_NUMBER: _ClassVar[int]
    CLOSING_CMS_FIELD_NUMBER: _ClassVar[int]
    BEARING_CDEG_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    TRUE_BEARING_CDEG_FIELD_NUMBER: _ClassVar[int]
    sensor_id: int
    range_cm: int
    closing_cms: int
    bearing_cdeg: int
    frame: int
    true_bearing_cdeg: int
    def __init__(self, sensor_id: _Optional[int] = ..., range_cm: _Optional[int] = ..., closing_cms: _Optional[int] = ..., bearing_cdeg: _Optional[int] = ..., frame: _Optional[int] = ..., true_bearing_cdeg: _Optional[int] = ...) -> None: ...

class AlertPath(_message.Message):
    __slots__ = ("drone_id", "event_time_us", "edge_in_us", "edge_out_us", "aggregator_in_us", "raised_us", "edge_back_us")
    DRONE_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_TIME_US_FIELD_NUMBER: _ClassVar[int]
    EDGE_IN_US_FIELD_NUMBER: _ClassVar[int]
    EDGE_OUT_US_FIELD_NUMBER: _ClassVar[int]
    AGGREGATOR_IN_US_FIELD_NUMBER: _ClassVar[int]
    RAISED_US_FIELD_NUMBER: _ClassVar[int]
    EDGE_BACK_US_FIELD_NUMBER: _ClassVar[int]
    drone_id: str
    event_time_us: int
    edge_in_us: int
    edge_out_us: int
    aggregator_in_us: int
    raised_us: int
    edge_back_us: int
    def __init__(self, drone_id: _Optional[str] = ..., event_time_us: _Optional[int] = ..., edge_in_us: _Optional[int] = ..., edge_out_us: _Optional[int] = ..., aggregator_in_us: _Optional[int] = ..., raised_us: _Optional[int] = ..., edge_back_us: _Optional[int] = ...) -> None: ...
