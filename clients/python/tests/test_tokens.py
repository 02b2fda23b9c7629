"""By which token a drone proves who it is, and when it asks for another."""

import base64
import json

from rig import BEGIN_MS, Rig, settle


def jwt(exp: int) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'EdDSA'})}.{part({'exp': exp})}.c2ln"


NOW_S = BEGIN_MS // 1000


async def test_is_there_before_the_first_connection_and_another_one_before_it_ends() -> None:
    rig = Rig()
    given = [jwt(NOW_S + 1000), jwt(NOW_S + 2000)]
    rest = list(given)

    async def token() -> str:
        return rest.pop(0)

    async with rig.drone(token=token):
        assert rig.connections == []
        await settle()
        rig.connection.accept()
        await rig.machine.tick(799_000)
        assert [connection.token for connection in rig.connections] == given[:1]
        await rig.machine.tick(1001)
        assert [connection.token for connection in rig.connections] == given
        # The old connection is used until the new one is there.
        assert rig.connections[0].is_open
        rig.connection.accept()
        assert not rig.connections[0].is_open


async def test_is_asked_for_again_when_an_edge_does_not_believe_it_and_when_it_was_revoked() -> None:
    rig = Rig()
    rest = ["token-1", "token-2", "token-3"]
    async with rig.drone(token=lambda: rest.pop(0)):
        await settle()
        rig.connection.end(401)
        await rig.machine.tick(500)
        rig.connection.accept()
        rig.connection.end(4004)
        await rig.machine.tick(1000)
        assert [connection.token for connection in rig.connections] == ["token-1", "token-2", "token-3"]


async def test_is_asked_for_again_when_whoever_gives_it_fails_or_gives_no_token_and_that_is_told() -> None:
    rig = Rig()
    answers: list[object] = [OSError("no network"), "no token", "a.b.c"]

    def token() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return str(answer)

    async with rig.drone(token=token):
        await rig.machine.tick(5000)
        assert [str(problem) for problem in rig.problems] == ["no network", "Cannot use token: it is no JWT"]
        assert [connection.token for connection in rig.connections] == ["a.b.c"]


async def test_is_asked_for_no_more_once_the_drone_is_closed() -> None:
    rig = Rig()
    given: list[str] = []

    def token() -> str:
        given.append(jwt(NOW_S + 100))
        return given[-1]

    async with rig.drone(token=token):
        await settle()
    await rig.machine.tick(1_000_000)
    assert len(given) == 1
