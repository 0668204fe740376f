"""The generated messages are what the contract gives; `FASTROUTE_UPDATE=1` writes them anew."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fastroute.v1 import admin_service_pb2, router_pb2, router_service_pb2, router_service_pb2_grpc
from shared import ROOT

PACKAGE = ROOT / "python" / "fastroute" / "v1"
PROTO = ROOT / "proto"


def generate(folder: Path) -> dict[str, str]:
    """Generates into a folder and returns the files by name."""
    files = sorted((PROTO / "fastroute" / "v1").glob("*.proto"))
    services = [file for file in files if file.stem.endswith("_service")]
    compile_ = [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTO}"]
    subprocess.run([*compile_, f"--python_out={folder}", f"--pyi_out={folder}", *files], check=True)
    subprocess.run([*compile_, f"--grpc_python_out={folder}", *services], check=True)
    made = {path.name: path.read_text(encoding="utf-8") for path in (folder / "fastroute" / "v1").iterdir()}
    return {name: clients(text) if name.endswith("_grpc.py") else text for name, text in made.items()}


def clients(text: str) -> str:
    """Keeps the stubs: who serves uses `fastroute.grpc` or the server, not the empty base classes of services."""
    return text[: text.index("\n\nclass", text.index("Stub(object)"))]


def test_the_generated_files_are_fresh(tmp_path: Path) -> None:
    pytest.importorskip("grpc_tools", reason="grpcio-tools of the pinned version has no wheel here")
    fresh = generate(tmp_path)
    if os.environ.get("FASTROUTE_UPDATE"):
        for name, text in fresh.items():
            (PACKAGE / name).write_text(text, encoding="utf-8")
    kept = {path.name: path.read_text(encoding="utf-8") for path in PACKAGE.iterdir() if "_pb2" in path.name}
    assert {name for name in fresh if kept.get(name) != fresh[name]} == set()
    assert set(kept) == set(fresh)


def test_messages_and_stubs_can_be_imported() -> None:
    request = router_pb2.RouteRequest(text="hello", metadata=[router_pb2.MetadataEntry(key="a", bool_value=True)])
    assert router_pb2.RouteRequest.FromString(request.SerializeToString()) == request
    assert router_service_pb2.DESCRIPTOR.services_by_name["RouterService"].full_name == "fastroute.v1.RouterService"
    assert "AdminService" in admin_service_pb2.DESCRIPTOR.services_by_name
    assert router_service_pb2_grpc.RouterServiceStub.__doc__


def test_the_code_runs_with_every_later_runtime_of_protobuf() -> None:
    """Code of protoc 27 and later calls `ValidateProtobufRuntimeVersion`, which refuses other major versions."""
    for path in PACKAGE.glob("*_pb2.py"):
        assert "runtime_version" not in path.read_text(encoding="utf-8")
