"""What deploy/ holds fits the server, and is well formed."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Counter

from gateway.metrics import Metrics
from gateway.settings import OPTIONS, PREFIX, Settings, read_settings
from gateway.tracing import ENDPOINTS
from tests.server.running import ROOT

DEPLOY = ROOT / "deploy"
USER = 10001
TEXTS = ["Dockerfile", "compose.yaml", "kubernetes.yaml", "qingsheng.service", "nginx.conf", "Caddyfile"]


def read(name: str) -> str:
    return (DEPLOY / name).read_text("utf-8")


def kubernetes() -> dict[str, dict[str, Any]]:
    return {str(each["kind"]): each for each in yaml.safe_load_all(read("kubernetes.yaml"))}


def compose() -> dict[str, Any]:
    service: dict[str, Any] = yaml.safe_load(read("compose.yaml"))["services"]["qingsheng"]
    return service


def pod() -> dict[str, Any]:
    found: dict[str, Any] = kubernetes()["Deployment"]["spec"]["template"]["spec"]
    return found


@pytest.mark.parametrize("name", TEXTS)
def test_every_variable_is_an_option(name: str) -> None:
    for variable in re.findall(rf"{PREFIX}([A-Z_]+)\b(?!VALUE)", read(name)):
        assert variable == "NAME" or variable.lower() in OPTIONS


def test_the_settings_can_be_read() -> None:
    docker = dict(re.findall(rf"({PREFIX}[A-Z_]+)=(\S+)", read("Dockerfile")))
    unit = dict(re.findall(rf"({PREFIX}[A-Z_]+)=(\S+)", read("qingsheng.service").partition("[Unit]")[2]))
    cluster = {each["name"]: each["value"] for each in pod()["containers"][0]["env"]}
    for environment in (docker, {**docker, **compose()["environment"]}, {**docker, **cluster}, unit):
        assert read_settings([], environment).port == Settings().port == 8080


def test_ports_agree() -> None:
    assert "EXPOSE 8080" in read("Dockerfile")
    assert "http://127.0.0.1:8080/healthz" in read("Dockerfile")
    assert compose()["ports"] == ["8080:8080"]
    (container,) = pod()["containers"]
    assert container["ports"] == [{"name": "http", "containerPort": 8080}]
    assert {container[probe]["httpGet"]["port"] for probe in ("readinessProbe", "livenessProbe", "startupProbe")} == {
        "http"
    }
    assert kubernetes()["Service"]["spec"]["ports"][0]["targetPort"] == "http"
    assert "server 127.0.0.1:8080;" in read("nginx.conf")
    assert "reverse_proxy 127.0.0.1:8080" in read("Caddyfile")


def test_probes_ask_what_the_server_answers() -> None:
    (container,) = pod()["containers"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"


def test_nobody_is_root_and_nothing_is_written() -> None:
    assert f"USER {USER}:{USER}" in read("Dockerfile")
    assert compose()["user"] == f"{USER}:{USER}"
    assert compose()["read_only"] is True
    assert compose()["cap_drop"] == ["ALL"]
    assert pod()["securityContext"]["runAsUser"] == USER
    inside = pod()["containers"][0]["securityContext"]
    assert inside["readOnlyRootFilesystem"] is True
    assert inside["allowPrivilegeEscalation"] is False


def test_there_is_time_to_finish() -> None:
    grace = Settings().grace_seconds
    assert int(compose()["stop_grace_period"].removesuffix("s")) > grace
    assert pod()["terminationGracePeriodSeconds"] > grace + 5
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(read("qingsheng.service"))
    assert int(unit["Service"]["TimeoutStopSec"]) > grace
    assert unit["Service"]["ExecStart"].endswith("python server.py")


def test_the_parts_of_the_cluster_name_each_other() -> None:
    parts = kubernetes()
    labels = parts["Deployment"]["spec"]["template"]["metadata"]["labels"]
    for selector in (
        parts["Deployment"]["spec"]["selector"]["matchLabels"],
        parts["Service"]["spec"]["selector"],
        parts["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
    ):
        assert selector.items() <= labels.items()
    target = parts["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("Deployment", parts["Deployment"]["metadata"]["name"])


def test_the_image_gets_what_the_server_needs() -> None:
    final = read("Dockerfile").rpartition("\nFROM ")[2]
    copied = set(re.findall(r"COPY --from=build /build/(\S+) ", final))
    assert copied == {"server.py", "gateway", "py_engine", "models/styles", "static/dist"}
    assert all((ROOT / name).exists() for name in copied - {"static/dist", "models/styles"})
    ignored = read("Dockerfile.dockerignore").split()
    assert not {"web", "models", "scripts", "py_engine", "gateway", "static"} & set(ignored)


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_proxies_balance_their_braces_and_hide_the_metrics(name: str) -> None:
    text = re.sub(r"#.*", "", read(name))
    assert text.count("{") == text.count("}")
    assert "/metrics" in text


def test_the_dashboard_asks_for_metrics_that_exist() -> None:
    names = set()
    for metric in vars(Metrics()).values():
        for family in metric.describe() if hasattr(metric, "describe") else ():
            names |= {family.name + "_total"} if isinstance(metric, Counter) else {family.name + "_bucket"}
    dashboard = json.loads(read("grafana-dashboard.json"))
    asked = set()
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            asked |= set(re.findall(r"\b(?:tts|http|telemetry|synthesis)_[a-z_]+", target["expr"]))
    assert asked == names
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard["panels"]]
    assert len(set(places)) == len(places)


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd here")
    unit = tmp_path / "qingsheng.service"
    # The program is not installed where the test runs.
    unit.write_text(read("qingsheng.service").replace("/opt/qingsheng/.venv/bin/python", sys.executable))
    done = subprocess.run([program, "verify", unit], capture_output=True, text=True, check=False)
    assert "Unknown" not in done.stderr
    assert "qingsheng.service:" not in done.stderr


def test_the_documentation_names_every_option() -> None:
    text = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    assert [name for name in OPTIONS if f"`--{name.replace('_', '-')}" not in text] == []
    assert all(name in text for name in ENDPOINTS[:1])
