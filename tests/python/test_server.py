"""`fastroute.Server`: several in one process, its errors, reloading, and an end that never hangs."""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

import fastroute
from fastroute import Client, Server
from held import begin_call
from shared import SMALL

REFUND = "refund please"
LOGGED = """
import sys, fastroute
with fastroute.Server(**eval(sys.argv[1])) as server:
    server.revision
"""


def config_at(folder: Path, text: str = SMALL) -> Path:
    """Writes a configuration."""
    path = folder / "fastroute.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def run(code: str, *, seconds: float = 20, environment: dict[str, str] | None = None) -> tuple[str, float]:
    """Runs a program that must end by itself, with code 0; returns what it printed and how long it took."""
    start = time.monotonic()
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-W", "ignore:This process:DeprecationWarning", "-c", code],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        env=environment,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout, time.monotonic() - start


def test_several_servers_share_a_process_and_end_on_their_own(tmp_path: Path) -> None:
    with Server() as first, Server(config_at(tmp_path)) as second:
        assert first.addresses.grpc != second.addresses.grpc
        assert (first.addresses.http, first.addresses.admin) == (None, None)
        assert first.revision != second.revision
        with Client(first.addresses.grpc) as one, Client(second.addresses.grpc, timeout=0.5) as two:
            assert one.route(REFUND).revision == first.revision
            assert two.route(REFUND).route == "refunds"
            second.stop()
            assert not second.is_running
            assert first.is_running
            assert one.route(REFUND).revision == first.revision
            with pytest.raises(fastroute.ServiceError):
                two.route(REFUND)
        second.stop()
        with pytest.raises(fastroute.ServerError) as raised:
            second.reload()
        assert raised.value.code == "SHUTTING_DOWN"
        assert repr(second) == "Server(stopped)"
        assert repr(first) == f'Server(grpc=["{first.addresses.grpc[0]}"])'


def test_a_client_goes_round_among_servers_and_past_one_that_stops() -> None:
    with Server() as first, Server(max_connections=64) as second:
        addresses = [*first.addresses.grpc, *second.addresses.grpc]
        with Client(addresses) as client:
            for _ in range(20):
                assert client.route("hello").route == "small_talk"
            first.stop()
            for _ in range(20):
                assert client.route("hello").route == "small_talk"


def test_a_server_has_the_flags_of_the_command_line_as_keywords(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    listen = ["127.0.0.1:0", f"unix:{path}"]
    with Server(listen=listen, http="127.0.0.1:0", admin="127.0.0.1:0", drain="1s", max_in_flight=9) as server:
        assert server.addresses.grpc[1] == f"unix:{path}"
        for address in server.addresses.grpc:
            with Client(address) as client:
                assert client.route("hello").route == "small_talk"
        with urllib.request.urlopen(f"http://{server.addresses.http}/healthz", timeout=5) as answer:
            assert answer.status == 200
        asked = urllib.request.Request(
            f"http://{server.addresses.http}/v1/route",
            data=json.dumps({"text": "hello"}).encode(),
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(asked, timeout=5) as answer:
            assert json.load(answer)["decision"]["route"] == "small_talk"
        assert server.addresses.admin not in (None, server.addresses.http)


@pytest.mark.parametrize(
    ("settings", "code", "names"),
    [
        ({"listen": "0.0.0.0:0"}, "UNAUTHENTICATED_LISTENER", "0.0.0.0:0"),
        ({"listen": "nowhere"}, "INVALID_SETTING", "--listen"),
        ({"max_in_flight": 0}, "INVALID_SETTING", "--max-in-flight"),
        ({"drain": "soon"}, "INVALID_SETTING", "--drain"),
        ({"no_such_flag": 1}, "INVALID_SETTING", "--no-such-flag"),
        ({"callers": "/no/such/file"}, "INVALID_CALLERS", "/no/such/file"),
    ],
)
def test_settings_that_cannot_be_served_are_refused_with_their_name(
    settings: dict[str, Any], code: str, names: str
) -> None:
    with pytest.raises(fastroute.ServerError) as raised:
        Server(**settings)
    assert raised.value.code == code
    assert names in str(raised.value)


def test_an_address_in_use_is_refused_and_nothing_is_left_behind() -> None:
    with Server() as server:
        with pytest.raises(fastroute.ServerError) as raised:
            Server(listen=["127.0.0.1:0", server.addresses.grpc[0]])
        assert raised.value.code == "ADDRESS_UNAVAILABLE"
        with Client(server.addresses.grpc) as client:
            client.route("hello")


def test_a_keyword_of_another_type_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="listen"):
        Server(listen=[1])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="state_dir"):
        Server(state_dir=object())  # type: ignore[arg-type]
    with Server() as server, pytest.raises(ValueError, match="grace"):
        server.stop(grace=-1.0)


def test_a_configuration_that_is_refused_lists_its_defects(tmp_path: Path) -> None:
    with pytest.raises(fastroute.ConfigError) as raised:
        Server(config_at(tmp_path, "version: 1\nextra: 2\n"))
    assert raised.value.code == "INVALID_CONFIG"
    assert "UNKNOWN_KEY" in {issue.code for issue in raised.value.issues}
    with pytest.raises(fastroute.ConfigError):
        Server(tmp_path / "absent.yaml")


def test_reloading_swaps_the_configuration_or_leaves_the_one_before(tmp_path: Path) -> None:
    path = config_at(tmp_path)
    with Server(path, no_watch=True) as server, Client(server.addresses.grpc) as client:
        before = server.revision
        assert client.route(REFUND).revision == before
        config_at(tmp_path, SMALL.replace("any: [refund]", "any: [reimbursement]"))
        after = server.reload()
        assert after == server.revision != before
        decision = client.route(REFUND)
        assert (decision.revision, decision.route) == (after, "general")
        config_at(tmp_path, "version: 1\n")
        with pytest.raises(fastroute.ConfigError) as raised:
            server.reload()
        assert raised.value.code == "INVALID_CONFIG"
        assert client.route(REFUND).revision == server.revision == after


def test_a_server_that_nobody_holds_stops() -> None:
    server = Server()
    host, port = server.addresses.grpc[0].split(":")
    socket.create_connection((host, int(port))).close()
    del server
    gc.collect()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))


def test_stopping_waits_for_a_call_but_no_longer_than_its_grace() -> None:
    server = Server()
    with begin_call(server.addresses.grpc[0]):
        start = time.monotonic()
        server.stop(grace=0.5)
        assert 0.5 <= time.monotonic() - start < 5


def test_signals_are_handled_while_a_server_stops() -> None:
    class Interrupted(Exception):
        pass

    def interrupt(*_: object) -> None:
        raise Interrupted

    server = Server()
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with begin_call(server.addresses.grpc[0]):
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            start = time.monotonic()
            with pytest.raises(Interrupted):
                server.stop(grace=20)
            assert time.monotonic() - start < 10
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_an_interpreter_ends_although_nobody_stopped_its_servers() -> None:
    code = """
import fastroute, threading
servers = [fastroute.Server() for _ in range(3)]
client = fastroute.Client(servers[0].addresses.grpc)
def call():
    while True:
        try:
            client.route("hello")
        except Exception:
            return
threading.Thread(target=call, daemon=True).start()
print(client.route("hello").route)
"""
    printed, seconds = run(code)
    assert printed == "small_talk\n"
    assert seconds < 15


def test_an_interpreter_that_ends_waits_5_seconds_for_calls_whatever_drain_says() -> None:
    code = f"""
import sys, fastroute
sys.path.insert(0, {str(Path(__file__).parent)!r})
from held import begin_call
server = fastroute.Server(drain="1h", read_timeout="1h")
held = begin_call(server.addresses.grpc[0])
print("held")
"""
    printed, seconds = run(code)
    assert printed == "held\n"
    assert 4.5 < seconds < 12


FORK = """
import gc, os, sys, signal
import fastroute
signal.alarm(15)
server = fastroute.Server()
child = os.fork()
if child == 0:
    signal.alarm(10)
    codes = []
    for use in (server.stop, server.reload, server.status, lambda: server.revision, lambda: server.addresses, lambda: server.is_running):
        try:
            use()
        except fastroute.ServerError as error:
            codes.append(error.code)
    assert codes == ["FORKED"] * 6, codes
    assert repr(server) == "Server(of another process)"
    if sys.argv[1:] == ["drop"]:
        del server, use
        gc.collect()
    with fastroute.Server() as own:
        assert own.is_running
    sys.exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
with fastroute.Client(server.addresses.grpc) as client:
    print(client.route("hello").route)
"""


@pytest.mark.parametrize("drop", ["", "sys.argv.append('drop')"])
def test_a_forked_child_is_told_and_ends_and_the_parent_serves_on(drop: str) -> None:
    printed, _ = run(f"import sys\n{drop}\n{FORK}")
    assert printed == "small_talk\n"


def test_a_forked_child_keeps_no_socket_of_the_server() -> None:
    code = """
import os, socket, time
import fastroute
server = fastroute.Server()
host, port = server.addresses.grpc[0].split(":")
tell, told = os.pipe()
child = os.fork()
if child == 0:
    os.close(told)
    os.read(tell, 1)  # until the parent closes its end
    os._exit(0)
os.close(tell)
server.stop()
try:
    socket.create_connection((host, int(port)))
except ConnectionRefusedError:
    print("free")
os.close(told)
os.waitpid(child, 0)
"""
    printed, _ = run(code)
    assert printed == "free\n"


CLIENT_FORK = """
import os, sys, signal
import fastroute
signal.alarm(15)
with fastroute.Server() as server:
    address = server.addresses.grpc
    pid = os.fork()  # the server runs in a process without grpc
    if pid == 0:
        client = fastroute.Client(address)
        client.route("hello")
        child = os.fork()
        if child == 0:
            signal.alarm(10)
            for use in (lambda: client.route("hello"), lambda: fastroute.Client(address).route("hello")):
                try:
                    print(use().route, flush=True)
                except fastroute.ServiceError as error:
                    print(error.code, flush=True)
            client.close()
            sys.exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        print(client.route("hello").route, flush=True)
        sys.exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
"""


def test_a_client_in_a_forked_child_is_an_error_and_not_a_hang() -> None:
    printed, _ = run(CLIENT_FORK)
    assert printed.split() == ["FORKED", "FORKED", "small_talk"]


def test_a_client_works_in_a_forked_child_when_grpc_was_asked_to_support_it() -> None:
    printed, _ = run(CLIENT_FORK, environment=os.environ | {"GRPC_ENABLE_FORK_SUPPORT": "1"})
    assert printed.split() == ["small_talk", "small_talk", "small_talk"]


def test_a_spinning_thread_is_not_seen_in_the_latency() -> None:
    """The spinning process passes its interpreter on every 2 seconds: a call that needed it would wait that long."""
    code = """
import sys, threading
import fastroute
server = fastroute.Server(threads=2)
print(server.addresses.grpc[0], flush=True)
sys.stdin.readline()
sys.setswitchinterval(2)
def spin():
    while True:
        pass
threading.Thread(target=spin, daemon=True).start()
import os, time
os.write(1, b"spins\\n")
while True:
    pass
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as serving:
        assert serving.stdin is not None and serving.stdout is not None
        guard = threading.Timer(60, serving.kill)
        guard.start()
        try:
            with Client(serving.stdout.readline().strip()) as client:

                def p99() -> float:
                    taken = []
                    for _ in range(300):
                        start = time.perf_counter()
                        client.route("Translate 'good morning' into French.")
                        taken.append(time.perf_counter() - start)
                    return sorted(taken)[-3]

                quiet = p99()
                serving.stdin.write("\n")
                serving.stdin.flush()
                assert serving.stdout.readline() == "spins\n"
                spinning = p99()
                assert spinning < max(20 * quiet, 0.5), (quiet, spinning)
        finally:
            guard.cancel()
            serving.kill()


def test_a_server_tells_what_serves_and_what_it_refused(tmp_path: Path) -> None:
    path = config_at(tmp_path)
    began = time.time()
    with Server(path, no_watch=True) as server:
        first = server.status()
        assert (first.revision, first.cause, first.by) == (server.revision, "start", "")
        assert began - 1 <= first.since <= time.time()
        assert (first.is_pinned, first.stale_since, first.last_refused) == (False, None, None)
        config_at(tmp_path, SMALL + "\nnonsense: 1\nmore: 2\n")
        with pytest.raises(fastroute.ConfigError):
            server.reload()
        status = server.status()
        assert status.revision == first.revision
        assert status.stale_since is not None
        refused = status.last_refused
        assert refused is not None
        assert (refused.code, refused.cause, refused.omitted) == ("INVALID_CONFIG", "signal", 0)
        assert [issue.code for issue in refused.issues] == ["UNKNOWN_KEY", "UNKNOWN_KEY"]
        assert all(issue.line for issue in refused.issues)
        config_at(tmp_path, SMALL.replace("Not here.", "Not there."))
        server.reload()
        assert server.status().last_refused is None
        assert server.status().revision != first.revision
    assert server.status().revision == server.revision


@pytest.mark.parametrize(("options", "is_logged"), [("{}", False), ("{'log': 'info'}", True)])
def test_a_server_logs_only_when_it_is_told_to(options: str, is_logged: bool) -> None:
    environment = {**os.environ, "FASTROUTE_LOG": "info"}
    command = [sys.executable, "-c", LOGGED, options]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True, env=environment)
    events = [json.loads(line)["event"] for line in ran.stderr.splitlines()]
    assert ("serving" in events) == is_logged
    assert bool(events) == is_logged


def test_where_to_listen_does_not_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LISTEN", "HTTP", "ADMIN"):
        monkeypatch.setenv(f"FASTROUTE_{name}", "127.0.0.1:1")
    with Server() as server:
        assert not server.addresses.grpc[0].endswith(":1")
        assert server.addresses[1:] == (None, None)
