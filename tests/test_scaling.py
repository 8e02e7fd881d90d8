"""The examples of docs/scaling.md: valid where a linter is at hand, and in step with Kith's exit codes and limits."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from daemon.cli import codes

EXAMPLES = Path(__file__).parents[1] / "docs/examples"
PAGE = EXAMPLES.parent / "scaling.md"
HARMLESS = [codes.UNAVAILABLE, codes.BUSY, codes.LOGIN]
CASE = f"kith once >/dev/null; code=$?; case $code in {'|'.join(map(str, HARMLESS))}) exit 0;; *) exit $code;; esac"


def documents() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((EXAMPLES / "kubernetes.yaml").read_text()))


def test_kubernetes_knows_every_field() -> None:
    """Strictly by the schemas of Kubernetes itself: no field is misspelt or in the wrong place."""
    kubernetes_validate = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed")
    for document in documents():
        kubernetes_validate.validate(document, desired_version="1.33", strict=True)


def test_a_tick_on_kubernetes_is_nobody_and_alone() -> None:
    """No root, nothing to write but its volume, one at a time, no retry but the next tick, the limits of the units."""
    claim, cron = documents()
    spec = cron["spec"]
    job = spec["jobTemplate"]["spec"]
    pod = job["template"]["spec"]
    (box,) = pod["containers"]
    assert (spec["concurrencyPolicy"], job["backoffLimit"], pod["restartPolicy"]) == ("Forbid", 0, "Never")
    assert claim["spec"]["accessModes"] == ["ReadWriteOncePod"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert box["securityContext"]["readOnlyRootFilesystem"] is True
    assert box["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert box["resources"]["limits"]["memory"] == "512Mi"
    assert box["command"] == ["sh", "-c", CASE]


def test_nomad_and_airflow_say_the_same() -> None:
    """One at a time, no retry, the same codes for harmless, the same limit of memory, nobody's number."""
    nomad, airflow = (EXAMPLES / "nomad.hcl").read_text(), (EXAMPLES / "airflow.py").read_text()
    assert CASE in nomad
    assert nomad.count("{") == nomad.count("}")
    for line in ("prohibit_overlap = true", 'type = "batch"', "memory_max = 512", 'user   = "1000:1000"'):
        assert line in nomad
    calls = [node for node in ast.walk(ast.parse(airflow)) if isinstance(node, ast.Call)]
    said = {word.arg: ast.unparse(word.value) for call in calls for word in call.keywords}
    assert said["skip_on_exit_code"] == str(HARMLESS)
    assert (said["max_active_runs"], said["catchup"], said["user"]) == ("1", "False", "'1000:1000'")
    assert said["mem_limit"] == "'512m'"


def test_the_page_names_what_is_there() -> None:
    """Each example stands on the page, and each file that the page names is one."""
    text = PAGE.read_text()
    named = set(re.findall(r"`docs/examples/([\w.]+)`", text))
    assert named == {path.name for path in EXAMPLES.iterdir() if path.is_file()}
    assert "python -m benchmarks.scaling" in text
