from slipstream.v1 import alert_pb2 as _alert_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RefusalReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REFUSAL_REASON_UNSPECIFIED: _ClassVar[RefusalReason]
    REFUSAL_REASON_DRONE_RATE: _ClassVar[RefusalReason]
    REFUSAL_REASON_NODE_RATE: _ClassVar[RefusalReason]
    REFUSAL_REASON_FULL: _ClassVar[RefusalReason]
    REFUSAL_REASON_STOPPING: _ClassVar[RefusalReason]
    REFUSAL_REASON_SHED: _ClassVar[RefusalReason]
    REFUSAL_REASON_EXPIRED: _ClassVar[RefusalReason]
    REFUSAL_REASON_REJECTED: _ClassVar[RefusalReason]
    REFUSAL_REASON_INVALID: _ClassVar[RefusalReason]
    REFUSAL_REASON_FRAME_TOO_LARGE: _ClassVar[RefusalReason]
    REFUSAL_REASON_NOT_REPEATED: _ClassVar[RefusalReason]
REFUSAL_REASON_UNSPECIFIED: RefusalReason
REFUSAL_REASON_DRONE_RATE: RefusalReason
REFUSAL_REASON_NODE_RATE: RefusalReason
REFUSAL_REASON_FULL: RefusalReason
REFUSAL_REASON_STOPPING: RefusalReason
REFUSAL_REASON_SHED: RefusalReason
REFUSAL_REASON_EXPIRED: RefusalReason
REFUSAL_REASON_REJECTED: RefusalReason
REFUSAL_REASON_INVALID: RefusalReason
REFUSAL_REASON_FRAME_TOO_LARGE: RefusalReason
REFUSAL_REASON_NOT_REPEATED: RefusalReason

class DroneDownlink(_message.Message):
    __slots__ = ("drone_id", "hello", "ack", "throttle", "alert", "frame_fault", "heartbeat")
    DRONE_ID_FIELD_NUMBER: _ClassVar[int]
    HELLO_FIELD_NUMBER: _ClassVar[int]
    ACK_FIELD_NUMBER: _ClassVar[int]
    THROTTLE_FIELD_NUMBER: _ClassVar[int]
    ALERT_FIELD_NUMBER: _ClassVar[int]
    FRAME_FAULT_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    drone_id: str
    hello: Hello
    ack: Ack
    throttle: Throttle
    alert: _alert_pb2.Alert
    frame_fault: FrameFault
    heartbeat: Heartbeat
    def __init__(self, drone_id: _Optional[str] = ..., hello: _Optional[_Union[Hello, _Mapping]] = ..., ack: _Optional[_Union[Ack, _Mapping]] = ..., throttle: _Optional[_Union[Throttle, _Mapping]] = ..., alert: _Optional[_Union[_alert_pb2.Alert, _Mapping]] = ..., frame_fault: _Optional[_Union[FrameFault, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ...) -> None: ...

class Hello(_message.Message):
    __slots__ = ("server_time_us", "session", "edge_id", "frame_bytes_max", "frame_records_max", "version", "protocol", "cut_off")
    SERVER_TIME_US_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    EDGE_ID_FIELD_NUMBER: _ClassVar[int]
    FRAME_BYTES_MAX_FIELD_NUMBER: _ClassVar[int]
    FRAME_RECORDS_MAX_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    CUT_OFF_FIELD_NUMBER: _ClassVar[int]
    server_time_us: int
    session: int
    edge_id: str
    frame_bytes_max: int
    frame_records_max: int
    version: str
    protocol: int
    cut_off: bool
    def __init__(self, server_time_us: _Optional[int] = ..., session: _Optional[int] = ..., edge_id: _Optional[str] = ..., frame_bytes_max: _Optional[int] = ..., frame_records_max: _Optional[int] = ..., version: _Optional[str] = ..., protocol: _Optional[int] = ..., cut_off: bool = ...) -> None: ...

class FrameFault(_message.Message):
    __slots__ = ("reason", "frames")
    REASON_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    reason: str
    frames: int
    def __init__(self, reason: _Optional[str] = ..., frames: _Optional[int] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ("server_time_us", "waiting_ms", "cut_off", "stopping")
    SERVER_TIME_US_FIELD_NUMBER: _ClassVar[int]
    WAITING_MS_FIELD_NUMBER: _ClassVar[int]
    CUT_OFF_FIELD_NUMBER: _ClassVar[int]
    STOPPING_FIELD_NUMBER: _ClassVar[int]
    server_time_us: int
    waiting_ms: int
    cut_off: bool
    stopping: bool
    def __init__(self, server_time_us: _Optional[int] = ..., waiting_ms: _Optional[int] = ..., cut_off: bool = ..., stopping: bool = ...) -> None: ...

class Ack(_message.Message):
    __slots__ = ("boot_id", "ranges")
    BOOT_ID_FIELD_NUMBER: _ClassVar[int]
    RANGES_FIELD_NUMBER: _ClassVar[int]
    boot_id: int
    ranges: _containers.RepeatedCompositeFieldContainer[SeqRange]
    def __init__(self, boot_id: _Optional[int] = ..., ranges: _Optional[_Iterable[_Union[SeqRange, _Mapping]]] = ...) -> None: ...

class SeqRange(_message.Message):
    __slots__ = ("first_seq", "last_seq")
    FIRST_SEQ_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQ_FIELD_NUMBER: _ClassVar[int]
    first_seq: int
    last_seq: int
    def __init__(self, first_seq: _Optional[int] = ..., last_seq: _Optional[int] = ...) -> None: ...

class Throttle(_message.Message):
    __slots__ = ("retry_after_ms", "boot_id", "refused", "reason", "shed", "frame_records_max")
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    BOOT_ID_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SHED_FIELD_NUMBER: _ClassVar[int]
    FRAME_RECORDS_MAX_FIELD_NUMBER: _ClassVar[int]
    retry_after_ms: int
    boot_id: int
    refused: SeqRange
    reason: RefusalReason
    shed: _containers.RepeatedCompositeFieldContainer[SeqRange]
    frame_records_max: int
    def __init__(self, retry_after_ms: _Optional[int] = ..., boot_id: _Optional[int] = ..., refused: _Optional[_Union[SeqRange, _Mapping]] = ..., reason: _Optional[_Union[RefusalReason, str]] = ..., shed: _Optional[_Iterable[_Union[SeqRange, _Mapping]]] = ..., frame_records_max: _Optional[int] = ...) -> None: ...
