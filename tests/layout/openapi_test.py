#!/usr/bin/python3
"""docs/openapi.yaml is a valid description, and true: every answer of the API's handlers is as it says.

That it names the paths that are served, and no other, is a unit test (tests/unit/control/api/openapi_test.cc).
Prints "ok" or "not ok" for each rule and, as its last line, their counts.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import yaml
from report import Report

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
METHODS = {"get", "put", "post", "delete"}
SAMPLE = "tests/unit/control/api/api-sample"
# Answers that handlers do not give: the server does, or only with more than a test wants to ask.
UNSAMPLED = {"409", "413", "415", "507", "default"}
EVENT = {"$ref": "#/components/schemas/Event"}


class Description:
    def __init__(self, path: Path) -> None:
        self.root = yaml.safe_load(path.read_text())
        self.others: dict[str, dict] = {}

    def resolve(self, reference: str) -> dict:
        """What "#/a/b" or "file.json#/a/b" stands for."""
        file, _, pointer = reference.partition("#/")
        if file and file not in self.others:
            self.others[file] = json.loads((DOCS / file).read_text())
        node = self.others[file] if file else self.root
        for key in pointer.split("/"):
            node = node[key]
        return node

    def follow(self, node: dict) -> dict:
        while "$ref" in node:
            node = self.resolve(node["$ref"])
        return node

    def as_json_schema(self, node: object) -> object:
        """References written out, and OpenAPI's `nullable` in JSON Schema's words."""
        if isinstance(node, list):
            return [self.as_json_schema(item) for item in node]
        if not isinstance(node, dict):
            return node
        node = self.follow(node)
        schema = {key: self.as_json_schema(value) for key, value in node.items() if key != "nullable"}
        return {"anyOf": [{"type": "null"}, schema]} if node.get("nullable") is True else schema

    def operations(self) -> Iterator[tuple[str, str, dict]]:
        for path, item in self.root["paths"].items():
            for method, operation in item.items():
                yield method, path, operation


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def check_head(description: Description) -> list[str]:
    root = description.root
    problems = [f"there is no {key}" for key in ("openapi", "info", "paths", "components") if key not in root]
    if not re.fullmatch(r"3\.0\.\d", root.get("openapi", "")):
        problems.append("openapi is not 3.0.x")
    problems += [f"info has no {key}" for key in ("title", "version") if key not in root["info"]]
    schemes = root["components"]["securitySchemes"]
    problems += [f"no such scheme: {name}" for item in root["security"] for name in item if name not in schemes]
    return problems


def check_references(description: Description) -> list[str]:
    problems = []
    for reference in references(description.root):
        try:
            description.resolve(reference)
        except (KeyError, FileNotFoundError):
            problems.append(f"{reference} leads nowhere")
    used = set(references(description.root))
    for kind in ("schemas", "parameters", "headers"):
        for name in description.root["components"][kind]:
            if f"#/components/{kind}/{name}" not in used and name != "Event":
                problems.append(f"{kind}/{name} is not used")
    return problems


def check_operations(description: Description) -> list[str]:
    problems = []
    seen: set[str] = set()
    tags = {tag["name"] for tag in description.root["tags"]}
    for method, path, operation in description.operations():
        where = f"{method} {path}"
        if method not in METHODS:
            problems.append(f"{where}: no method")
        problems += [f"{where}: no {key}" for key in ("operationId", "summary", "responses") if key not in operation]
        if operation["operationId"] in seen:
            problems.append(f"{where}: its operationId is another one's, too")
        seen.add(operation["operationId"])
        problems += [f"{where}: no such tag: {tag}" for tag in operation["tags"] if tag not in tags]
        parameters = [description.follow(item) for item in operation.get("parameters", [])]
        in_path = {item["name"] for item in parameters if item["in"] == "path"}
        if in_path != set(re.findall(r"\{(\w+)\}", path)):
            problems.append(f"{where}: the parameters of the path are {sorted(in_path)}")
        if ("requestBody" in operation) != (method == "put"):
            problems.append(f"{where}: a body where there is none, or none where there is one")
        for status, response in operation["responses"].items():
            if not re.fullmatch(r"[1-5]\d\d|default", status) or "description" not in response:
                problems.append(f"{where}: response {status} is not possible, or says nothing")
    return problems


def check_schemas(description: Description) -> list[str]:
    problems = []
    for name, schema in description.root["components"]["schemas"].items():
        try:
            jsonschema.Draft4Validator.check_schema(description.as_json_schema(schema))
        except jsonschema.SchemaError as error:
            problems.append(f"schemas/{name}: {error.message}")
    return problems


def schema_of(description: Description, answer: dict) -> tuple[str, dict | None]:
    """Which status of the description it is, and the schema that its body must hold to."""
    if answer["method"] == "EVENT":
        return "200", EVENT
    operation = description.root["paths"][answer["path"]][answer["method"].lower()]
    status = str(answer["status"])
    response = operation["responses"].get(status)
    if response is None:
        return "default", None
    media = response["content"].get(answer["type"].partition(";")[0])
    return status, media and media["schema"]


def check_answers(description: Description, binary: Path) -> Iterator[tuple[str, list[str]]]:
    output = subprocess.run([binary], capture_output=True, text=True, check=True).stdout
    answers = [json.loads(line) for line in output.splitlines()]
    problems = []
    seen = set()
    for answer in answers:
        where = f"{answer['method']} {answer['path']} -> {answer['status']}"
        status, schema = schema_of(description, answer)
        seen.add((answer["method"].lower(), answer["path"], status))
        if schema is None:
            problems.append(f"{where} ({answer['type']}) is not described: {answer['body'][:80]}")
            continue
        body = answer["body"] if answer["type"].startswith("text/") else json.loads(answer["body"])
        validator = jsonschema.Draft4Validator(description.as_json_schema(schema))
        problems += [f"{where}: {list(error.path)}: {error.message[:120]}" for error in validator.iter_errors(body)]
    yield f"{len(answers)} answers are as described", problems
    missing = [
        f"{method} {path} -> {status}"
        for method, path, operation in description.operations()
        for status in operation["responses"]
        if status not in UNSAMPLED and path != "/v1/events" and (method, path, status) not in seen
    ]
    yield "each answer that is described is given", missing


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    binary = parser.parse_args().build.resolve() / SAMPLE
    description = Description(DOCS / "openapi.yaml")
    report = Report()
    report.rule("openapi.yaml has what each description has", check_head(description))
    report.rule("its references lead somewhere, and what it defines is used", check_references(description))
    report.rule("its operations are complete", check_operations(description))
    report.rule("its schemas are schemas", check_schemas(description))
    if binary.is_file():
        for name, problems in check_answers(description, binary):
            report.rule(name, problems)
    else:
        report.skip("the answers", f"{SAMPLE} is not built")
    print(report.counts())
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
