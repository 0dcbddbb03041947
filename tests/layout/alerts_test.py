#!/usr/bin/python3
"""share/alerts.yaml and share/dashboard.json: promtool takes their queries, and a node has each metric and label value.

Prints "ok" or "not ok" for each rule and, as its last line, their counts.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from report import Report

ROOT = Path(__file__).resolve().parents[2]
ALERTS = ROOT / "share/alerts.yaml"
DASHBOARD = ROOT / "share/dashboard.json"
FIRINGS = ROOT / "tests/layout/alerts_firing.yaml"
SAMPLE = "tests/unit/control/observe/metrics-sample"
# What the scraper adds to each sample. Values of these labels are a site's own.
SCRAPED = {"instance", "job"}
OWN_VALUES = SCRAPED | {"peer", "site", "port", "worker", "node", "version"}

METRIC = re.compile(r"\b(causeway_[a-z0-9_]+)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
SAMPLE_LINE = re.compile(r"^(\w+)(?:\{(.*)\})? \S+$")


def exposition(binary: Path) -> dict[str, list[dict[str, str]]]:
    """The labels of each sample, by metric."""
    metrics: dict[str, list[dict[str, str]]] = {}
    text = subprocess.run([binary], capture_output=True, text=True, check=True).stdout
    for line in text.splitlines():
        match = SAMPLE_LINE.match(line)
        if match:
            labels = {label: value for label, _, value in MATCHER.findall(match[2] or "")}
            metrics.setdefault(match[1], []).append(labels)
    return metrics


def rules() -> dict[str, dict]:
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def queries() -> dict[str, str]:
    """Of the dashboard, by panel; with a time in place of Grafana's own variables."""
    found = {}
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel.get("targets", []):
            expression = target["expr"].replace("$__rate_interval", "1m").replace("$instance", ".*")
            found[f"{panel['title']} {target['refId']}"] = expression
    return found


def takes(operator: str, wanted: str, value: str) -> bool:
    if operator in ("=", "!="):
        return (wanted == value) == (operator == "=")
    return bool(re.fullmatch(wanted, value)) == (operator == "=~")


def problems_of(expression: str, metrics: dict[str, list[dict[str, str]]]) -> list[str]:
    problems = []
    for name, matchers in METRIC.findall(expression):
        if name not in metrics:
            problems.append(f"no node has {name}")
            continue
        for label, operator, value in MATCHER.findall(matchers):
            values = [labels.get(label) for labels in metrics[name]]
            if label not in SCRAPED and None in values:
                problems.append(f"{name} has no label {label}")
            elif label not in OWN_VALUES and not any(takes(operator, value, each) for each in values):
                problems.append(f"{name}: no {label} is {operator} {value}")
    for label in re.findall(r"\bby \(([\w, ]+)\)", expression):
        names = METRIC.findall(expression)
        for each in label.split(", "):
            if each not in SCRAPED and not any(each in labels for n, _ in names for labels in metrics.get(n, [])):
                problems.append(f"by {each}: there is no such label")
    return problems


def check_words(alerts: dict[str, dict]) -> list[str]:
    problems = []
    for name, rule in alerts.items():
        if rule.get("labels", {}).get("severity") not in ("page", "ticket"):
            problems.append(f"{name}: its severity is neither page nor ticket")
        problems += [f"{name}: it has no {key}" for key in ("summary", "action") if key not in rule["annotations"]]
    return problems


def promtool(*arguments: str | Path) -> list[str]:
    result = subprocess.run(["promtool", *arguments], capture_output=True, text=True)
    return [] if result.returncode == 0 else (result.stdout + result.stderr).splitlines()


def check_dashboard_queries() -> list[str]:
    """promtool checks rules: so each query becomes one."""
    recorded = [{"record": f"query_{i}", "expr": e} for i, e in enumerate(queries().values())]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump({"groups": [{"name": "dashboard", "rules": recorded}]}, file)
        file.flush()
        return promtool("check", "rules", file.name)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    binary = parser.parse_args().build.resolve() / SAMPLE
    alerts = rules()
    report = Report()
    report.rule("each alert says how urgent it is, and what to do", check_words(alerts))
    promtool_rules = (
        ("promtool takes the alerts", lambda: promtool("check", "rules", ALERTS)),
        ("promtool takes the dashboard's queries", check_dashboard_queries),
        ("alerts fire when they should, and only then", lambda: promtool("test", "rules", FIRINGS)),
    )
    for name, problems in promtool_rules:
        if shutil.which("promtool"):
            report.rule(name, problems())
        else:
            report.skip(name, "promtool is not installed")
    for title, expressions in (
        ("alert", {name: rule["expr"] for name, rule in alerts.items()}),
        ("panel", queries()),
    ):
        name = f"a node has what each {title} asks for"
        if binary.is_file():
            metrics = exposition(binary)
            report.rule(name, [f"{n}: {p}" for n, e in expressions.items() for p in problems_of(e, metrics)])
        else:
            report.skip(name, f"{SAMPLE} is not built")
    print(report.counts())
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
