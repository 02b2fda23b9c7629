"""What the answer to a PUBLISH of MQTT says of its records."""

import pytest

from slipstream.mqtt import MqttTransport
from slipstream.publishing import Published, answer
from slipstream.v1 import downlink_pb2
from slipstream.v1.downlink_pb2 import DroneDownlink, SeqRange

SENT = Published(boot_id=7, seqs=[1, 2, 3, 5])


def ranges(of: list[SeqRange]) -> list[tuple[int, int]]:
    return [(part.first_seq, part.last_seq) for part in of]


def told(reason: int, said: str = "", **properties: str) -> list[DroneDownlink]:
    named = {name.replace("_", "-"): value for name, value in properties.items()}
    return answer(SENT, reason=reason, told=named, said=said)


def test_success_is_the_acknowledgement_of_exactly_its_records() -> None:
    (downlink,) = told(0)
    assert (downlink.ack.boot_id, ranges(list(downlink.ack.ranges))) == (7, [(1, 3), (5, 5)])


def test_a_quota_is_a_throttle_with_its_time() -> None:
    (downlink,) = told(0x97, retry_after_ms="2500")
    throttle = downlink.throttle
    assert (throttle.reason, throttle.retry_after_ms) == (downlink_pb2.REFUSAL_REASON_DRONE_RATE, 2500)
    assert ranges([throttle.refused]) == [(1, 5)]


@pytest.mark.parametrize("wait", ["", "soon", "-1"])
def test_a_failure_without_a_time_is_tried_again_after_a_second(wait: str) -> None:
    (downlink,) = told(0x80, retry_after_ms=wait)
    assert (downlink.throttle.reason, downlink.throttle.retry_after_ms) == (downlink_pb2.REFUSAL_REASON_FULL, 1000)


def test_what_is_lost_is_named_and_the_others_are_on_disk() -> None:
    lost, kept = told(0x83, lost="2,5")
    assert (lost.throttle.reason, ranges(list(lost.throttle.shed))) == (
        downlink_pb2.REFUSAL_REASON_SHED,
        [(2, 2), (5, 5)],
    )
    assert ranges(list(kept.ack.ranges)) == [(1, 1), (3, 3)]


def test_a_payload_that_cannot_be_read_is_a_fault_with_its_reason() -> None:
    (downlink,) = told(0x99, said="no frame")
    assert (downlink.frame_fault.reason, downlink.frame_fault.frames) == ("no frame", 1)


@pytest.mark.parametrize("drone_id", ["a/b", "a+b", "a#b"])
def test_an_id_that_has_no_topic_is_refused(drone_id: str) -> None:
    with pytest.raises(ValueError, match="it has no topic"):
        MqttTransport(drone_id=drone_id)
