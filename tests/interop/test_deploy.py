"""What is shipped to run the server: the image, the systemd unit, the Kubernetes manifests.

No container engine runs here. So the Dockerfile is read, and its command line, the unit's and the manifests' are
started as they stand, with the paths put into a folder of the test: by a user that is not root, who may write nowhere
but where the manifest says.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import tomllib
import urllib.request
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
MANIFESTS = sorted(path for path in (DEPLOY / "kubernetes").glob("*.yaml") if path.name != "kustomization.yaml")
BINARY = "/usr/local/bin/fastroute-server"
NOBODY = 65532
# The oldest release that knows everything in the manifests, and the newest whose schemas there are.
KUBERNETES = ["1.30", kubernetes_validate.latest_version()]


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile with their arguments, lines joined and comments left out."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    lines = "\n".join(line for line in text.splitlines() if line and not line.startswith("#"))
    joined = re.sub(r"\s*\\\n\s*", " ", lines)
    return [(name, rest) for name, rest in (line.split(" ", 1) for line in joined.splitlines())]


def arguments_of(instruction: str) -> list[str]:
    """The last arguments of an instruction in its JSON form."""
    found: list[str] = json.loads([rest for name, rest in instructions() if name == instruction][-1])
    return found


def image_environment() -> dict[str, str]:
    """What the image sets."""
    words = [shlex.split(rest) for name, rest in instructions() if name == "ENV"]
    return dict(word.split("=", 1) for line in words for word in line)


def unit() -> list[tuple[str, str]]:
    """The settings of the unit, in order."""
    lines = (DEPLOY / "fastroute.service").read_text(encoding="utf-8").splitlines()
    return [
        (name, value)
        for name, separator, value in (line.partition("=") for line in lines if "=" in line)
        if separator and not name.startswith("#")
    ]


def setting(name: str) -> str:
    """The one value of a setting of the unit."""
    (value,) = [value for each, value in unit() if each == name]
    return value


def manifest(kind: str) -> Any:
    """The manifest of a kind."""
    (found,) = [each for each in (yaml.safe_load(path.read_text()) for path in MANIFESTS) if each["kind"] == kind]
    return found


def container() -> Any:
    """The one container of the deployment."""
    (found,) = manifest("Deployment")["spec"]["template"]["spec"]["containers"]
    return found


COMMAND_LINES: dict[str, Callable[[], list[str]]] = {
    "image": lambda: [*arguments_of("ENTRYPOINT"), *arguments_of("CMD")],
    "unit": lambda: shlex.split(setting("ExecStart")),
    "kubernetes": lambda: [*arguments_of("ENTRYPOINT"), *container()["args"]],
}


# The image


def test_the_image_is_built_in_one_stage_and_runs_in_another() -> None:
    bases = [rest.split() for name, rest in instructions() if name == "FROM"]
    assert len(bases) == 2 and bases[0][1:] == ["AS", "build"]
    for base, *_ in bases:
        assert re.search(r":[\w.-]+$", base) and not base.endswith(":latest")
    assert "distroless" in bases[1][0]
    last = [name for name, _ in instructions()][-1 - [name for name, _ in reversed(instructions())].index("FROM") :]
    assert "RUN" not in last, "an image without a shell runs nothing while it is built"
    copies = [rest for name, rest in instructions() if name == "COPY"]
    assert copies == [". .", f"--from=build --chmod=0555 /fastroute-server {BINARY}"]


def test_the_compiler_of_the_image_is_new_enough() -> None:
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]["package"]
    (image,) = [rest for name, rest in instructions() if name == "FROM" and rest.startswith("rust:")]
    version = re.match(r"rust:(\d+)\.(\d+)", image)
    assert version
    assert tuple(map(int, version.groups())) >= tuple(map(int, workspace["rust-version"].split(".")))


def test_the_image_holds_every_library_that_the_server_loads(binary: list[str], needs: Callable[..., None]) -> None:
    needs("ldd", "ldd")
    extension = next((ROOT / "python/fastroute").glob("_fastroute*.so"), None)
    with Path(binary[0]).open("rb") as file:
        is_compiled = file.read(4) == b"\x7fELF"
    program = Path(binary[0]) if is_compiled else extension
    assert program, "neither a binary nor an extension was built"
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, timeout=60, check=True).stdout
    # Those of the packages libc6, libgcc-s1 and libstdc++6, which the base image has.
    held = {"c", "dl", "gcc_s", "m", "mvec", "pthread", "rt", "stdc++", "util"}
    assert set(re.findall(r"^\s*lib([\w+]+)\.so", listed, re.M)) <= held


def test_the_image_runs_as_a_user_by_number() -> None:
    users = [rest for name, rest in instructions() if name == "USER"]
    assert users == [f"{NOBODY}:{NOBODY}"]


def test_the_image_exposes_what_it_listens_on_and_not_administration() -> None:
    ports = {address.rsplit(":", 1)[1] for address in image_environment().values()}
    assert [rest for name, rest in instructions() if name == "EXPOSE"] == [
        " ".join(sorted(ports, key=len, reverse=True))
    ]
    assert set(image_environment()) == {"FASTROUTE_LISTEN", "FASTROUTE_HTTP"}


def test_the_build_is_given_every_crate() -> None:
    ignored = [
        line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line and line[0] != "#"
    ]
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]
    needed = [*workspace["members"], "Cargo.toml", "Cargo.lock", "proto"]
    for path in needed:
        assert (ROOT / path).exists()
        assert not [pattern for pattern in ignored if fnmatch(path, pattern) or path.startswith(f"{pattern}/")], path
    assert {".git", ".venv", "**/target", "**/node_modules"} <= set(ignored)


# The unit


def test_the_unit_holds_what_systemd_checks(tmp_path: Path, needs: Callable[..., None]) -> None:
    needs("systemd", "systemd-analyze")
    checked = tmp_path / "fastroute.service"
    text = (DEPLOY / "fastroute.service").read_text(encoding="utf-8")
    checked.write_text(text.replace(BINARY, "/bin/true"), encoding="utf-8")
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", checked], capture_output=True, text=True, timeout=60
    )
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")
    security = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=15", checked],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert security.returncode == 0, security.stdout


def test_the_unit_reloads_drains_and_keeps_its_state() -> None:
    assert setting("ExecReload") == "/bin/kill -HUP $MAINPID"
    assert setting("KillSignal") == "SIGTERM"
    assert setting("DynamicUser") == "yes" and setting("ProtectSystem") == "strict"
    assert setting("StateDirectory") == "fastroute" and "--state-dir ${STATE_DIRECTORY}" in setting("ExecStart")
    drain = re.search(r"--drain (\d+)s", setting("ExecStart"))
    assert drain and int(drain[1]) + 5 <= int(setting("TimeoutStopSec"))
    assert int(setting("LimitNOFILE")) > 2 * 4096


# The manifests


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_a_manifest_is_what_the_cluster_expects(path: Path, version: str) -> None:
    kubernetes_validate.validate(yaml.safe_load(path.read_text(encoding="utf-8")), version, strict=True)


def test_the_manifests_are_applied_together(needs: Callable[..., None]) -> None:
    listed = yaml.safe_load((DEPLOY / "kubernetes/kustomization.yaml").read_text(encoding="utf-8"))["resources"]
    assert sorted(listed) == [path.name for path in MANIFESTS]
    needs("kubernetes", "kubectl")
    built = subprocess.run(
        ["kubectl", "kustomize", DEPLOY / "kubernetes"], capture_output=True, text=True, timeout=60, check=True
    )
    kinds = {each["kind"] for each in yaml.safe_load_all(built.stdout)}
    assert kinds == {"ConfigMap", "Deployment", "PodDisruptionBudget", "Secret", "Service"}


def test_the_pod_runs_as_nobody_and_writes_only_its_state() -> None:
    pod = manifest("Deployment")["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] == NOBODY
    assert not pod["automountServiceAccountToken"]
    context = container()["securityContext"]
    assert context["readOnlyRootFilesystem"] and not context["allowPrivilegeEscalation"]
    assert context["capabilities"] == {"drop": ["ALL"]}
    writable = [mount["mountPath"] for mount in container()["volumeMounts"] if not mount.get("readOnly")]
    assert writable == ["/var/lib/fastroute"]
    assert "--state-dir=/var/lib/fastroute" in container()["args"]


def test_the_configuration_is_mounted_as_a_folder() -> None:
    assert not [mount for mount in container()["volumeMounts"] if "subPath" in mount]
    volumes = {volume["name"]: volume for volume in manifest("Deployment")["spec"]["template"]["spec"]["volumes"]}
    folders = {mount["mountPath"]: volumes[mount["name"]] for mount in container()["volumeMounts"]}
    files = [word.split("=", 1)[1] for word in container()["args"] if re.match(r"--(config|callers)=", word)]
    assert len(files) == 2
    held = {"configMap": manifest("ConfigMap"), "secret": manifest("Secret")}
    for file in map(Path, files):
        volume = folders[str(file.parent)]
        kind = "configMap" if "configMap" in volume else "secret"
        assert volume[kind].get("name", volume[kind].get("secretName")) == held[kind]["metadata"]["name"]
        assert file.name in (held[kind].get("data") or held[kind]["stringData"])


def test_probes_speak_grpc_to_the_port_that_is_served() -> None:
    listens = [word.rsplit(":", 1)[1] for word in container()["args"] if word.startswith("--listen=")]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert [str(container()[probe]["grpc"]["port"])] == listens
    assert container()["readinessProbe"]["grpc"]["service"] == "fastroute.v1.RouterService"
    ports = {port["name"]: port["containerPort"] for port in container()["ports"]}
    service = manifest("Service")["spec"]
    assert service["clusterIP"] == "None"
    assert {port["targetPort"]: port["port"] for port in service["ports"]} == ports


def test_the_pod_has_time_to_drain() -> None:
    pod = manifest("Deployment")["spec"]["template"]["spec"]
    (drain,) = [
        int(word.removeprefix("--drain=").removesuffix("s")) for word in container()["args"] if "--drain" in word
    ]
    before = container()["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert before + drain < pod["terminationGracePeriodSeconds"]


def test_the_selectors_find_the_pods() -> None:
    labels = manifest("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert manifest("Deployment")["spec"]["selector"]["matchLabels"] == labels
    assert manifest("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == labels
    assert manifest("Service")["spec"]["selector"] == labels


def test_nothing_that_is_shipped_opens_a_door_to_strangers() -> None:
    for name, line in COMMAND_LINES.items():
        words = line()
        assert "--callers" in " ".join(words), name
        assert "--allow-unauthenticated" not in words, name
    callers = yaml.safe_load(manifest("Secret")["stringData"]["callers.yaml"])["callers"]
    hashes = [caller["token_sha256"] for caller in callers]
    assert hashes == ["0" * 64, "f" * 64], "hashes that no token has"
    assert [(caller["application"], caller["roles"]) for caller in callers] == [
        ("checkout", ["decide"]),
        ("operator", ["admin"]),
    ]


def test_the_oldest_cluster_is_named() -> None:
    text = (DEPLOY / "kubernetes/kustomization.yaml").read_text(encoding="utf-8")
    assert f"Needs Kubernetes {KUBERNETES[0]}," in text


def test_the_unit_allows_the_calls_that_builds_make() -> None:
    filters = [value for name, value in unit() if name == "SystemCallFilter"]
    assert filters[-1] == "setpriority", "after what is taken away"
    calls = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "rust/fastroute-server/src").rglob("*.rs"))
    named = set(re.findall(r"rustix::process::(set\w+?)_process", calls))
    assert named == set(filters[-1].split()), "what the server asks of the scheduler"


# All of them, started


@pytest.fixture(scope="session")
def binary(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command that serves."""
    named = os.environ.get("FASTROUTE_SERVER")
    return shlex.split(named) if named else [str(ROOT / ".venv/bin/fastroute"), "serve"]


def test_every_flag_that_is_shipped_exists(binary: list[str]) -> None:
    helped = subprocess.run([*binary, "--help"], capture_output=True, text=True, timeout=60, check=True)
    flags = set(re.findall(r"(?<!\S)--[a-z][a-z-]+", helped.stdout))
    variables = set(re.findall(r"FASTROUTE_[A-Z_]+", helped.stdout))
    text = "".join(path.read_text(encoding="utf-8") for path in [DEPLOY / "fastroute.service", *MANIFESTS])
    used = {word.split("=")[0] for line in COMMAND_LINES.values() for word in line() if word.startswith("--")}
    used |= set(re.findall(r"(?<=[\s(])--(?:listen|max|tls|state|drain|allow)[a-z-]*", text))
    assert used <= flags, used - flags
    assert set(image_environment()) <= variables


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that nobody may enter, and not write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.mark.parametrize("shipped", COMMAND_LINES)
def test_what_is_shipped_starts_as_nobody_who_writes_only_the_state(
    shipped: str, binary: list[str], folder: Path
) -> None:
    files = {
        "/etc/fastroute/configuration/fastroute.yaml": manifest("ConfigMap")["data"]["fastroute.yaml"],
        "/etc/fastroute/fastroute.yaml": manifest("ConfigMap")["data"]["fastroute.yaml"],
        "/etc/fastroute/callers/callers.yaml": manifest("Secret")["stringData"]["callers.yaml"],
        "/etc/fastroute/callers.yaml": manifest("Secret")["stringData"]["callers.yaml"],
        "/etc/fastroute/report/report.key": "0123456789abcdef0123456789abcdef",
    }
    for path, content in files.items():
        file = folder / path[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    state = folder / "var/lib/fastroute"
    state.mkdir(parents=True)
    if os.geteuid() == 0:
        os.chown(state, NOBODY, NOBODY)

    entry, *words = COMMAND_LINES[shipped]()
    assert entry == BINARY
    line = [
        re.sub(r"(^|=)(/(?:etc|var)/)", rf"\1{folder}\2", word.replace("${STATE_DIRECTORY}", str(state)))
        for word in words
    ]
    # The ports are taken as the system gives them; the addresses stay.
    line = [re.sub(r"^(--(?:listen|http|admin)=.*):\d+$", r"\1:0", word) for word in line]
    environment = {**os.environ, "FASTROUTE_ADMIN": "127.0.0.1:0"}
    if shipped == "image":
        environment |= {name: re.sub(r":\d+$", ":0", value) for name, value in image_environment().items()}
    if shipped == "unit":
        environment |= {"FASTROUTE_LISTEN": "127.0.0.1:0", "FASTROUTE_HTTP": "127.0.0.1:0"}

    drop = as_nobody(binary)
    with (folder / "log").open("w") as log:
        started = subprocess.Popen(
            [*drop, *binary, *line], cwd="/", env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        )
    assert started.stdout is not None
    try:
        ready = started.stdout.readline()
        assert " serves revision " in ready, (folder / "log").read_text(encoding="utf-8")
        port = re.search(r"http \S+:(\d+)", ready)
        assert port
        with urllib.request.urlopen(f"http://127.0.0.1:{port[1]}/readyz", timeout=10) as answer:
            assert answer.status == 200
        if drop:
            status = Path(f"/proc/{started.pid}/status").read_text(encoding="utf-8")
            assert re.search(rf"^Uid:\t{NOBODY}\t", status, re.MULTILINE)
        if shipped != "image":
            assert list(state.iterdir()), "the last good configuration is kept"
    finally:
        started.terminate()
        code = started.wait(timeout=20)
        started.stdout.close()
    assert code == 0


def as_nobody(binary: list[str]) -> list[str]:
    """What runs a command as nobody, where this user may do that and nobody may enter the folder of the command."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        return []
    user = ["--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
    drop = ["setpriv", *user, "--no-new-privs", "--bounding-set=-all"]
    tried = subprocess.run([*drop, *binary, "--version"], cwd="/", capture_output=True, timeout=60)
    return drop if tried.returncode == 0 else []
