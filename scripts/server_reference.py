"""`docs/api/server.md`: the server's addresses, out of its own OpenAPI description with everything turned on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gateway.openapi import description
from gateway.refusal import ERRORS
from gateway.settings import Settings

INTRODUCTION = """\
Out of the description that every server gives at `/api/openapi.json`, there with what is turned on only. How to run
one, and what each part does: [Running it for others](../deploy.md). Addresses are below the site's own, answers of
failures are `{"error": {"code", "message", "remedy"}}` under `/api`, a line of text elsewhere.
"""
NEEDS = {"/api/telemetry": "--telemetry", "/api/tts": "--synthesis", "/api/listening": "--listening"}


def needed(path: str) -> str:
    return next((option for start, option in NEEDS.items() if path.startswith(start)), "")


def form(schema: Mapping[str, Any], inner: str = "") -> str:
    """A JSON schema in short: `{name: string, optional?: number, list: [string]}`."""
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema or "oneOf" in schema:
        parts = [json.dumps(each) for each in schema.get("enum", ())] + [
            form(each, inner) for each in schema.get("oneOf", ())
        ]
        return (f"\n{inner}| " if "oneOf" in schema else " | ").join(parts)
    kinds = schema.get("type", "any")
    if kinds == "array":
        return f"[{form(schema['items'], inner)}]"
    if kinds != "object":
        return " | ".join(kinds) if isinstance(kinds, list) else str(kinds)
    required, deeper = schema.get("required", ()), inner + "  "
    fields = [
        f"{deeper}{name}{'' if name in required else '?'}: {form(each, deeper)},"
        for name, each in schema.get("properties", {}).items()
    ]
    rest = schema.get("additionalProperties")
    if isinstance(rest, dict):
        fields.append(f"{deeper}...: {form(rest, deeper)},")
    return "\n".join(["{", *fields, inner + "}"]) if fields else "{...}"


def shown(schema: Mapping[str, Any]) -> str:
    return f"```text\n{form(schema)}\n```"


def parameters(operation: Mapping[str, Any]) -> Iterator[str]:
    given = operation.get("parameters", [])
    if given:
        yield "| parameter | in | required | form |"
        yield "|---|---|---|---|"
    for each in given:
        kind = (form(each["schema"]) + f" {each['schema'].get('pattern', '')}").strip().replace("|", "\\|")
        told = f"; {each['description']}" if "description" in each else ""
        yield f"| `{each['name']}` | {each['in']} | {'yes' if each.get('required') else 'no'} | `{kind}`{told} |"
    if given:
        yield ""


def operations(path: str, methods: Mapping[str, Any]) -> Iterator[str]:
    for method, operation in methods.items():
        yield from (f"## {method.upper()} `{path}`", "", f"{operation['summary']}.", "")
        if option := needed(path):
            yield from (f"Only with `{option}`.", "")
        if "security" in operation:
            yield from ("With `Authorization: Bearer` and the token.", "")
        yield from parameters(operation)
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            yield from (f"Body, `{kind}`:", "", shown(content["schema"]), "")
        for status, answer in operation["responses"].items():
            kinds = ", ".join(f"`{kind}`" for kind in answer.get("content", {}))
            yield f"- **{status}** {answer['description']}{f': {kinds}' if kinds else ''}"
        yield ""
        for kind, content in operation["responses"].get("200", {}).get("content", {}).items():
            if content.get("schema", {}).get("properties"):
                yield from (f"Answer, `{kind}`:", "", shown(content["schema"]), "")


def errors() -> Iterator[str]:
    yield from ("## Codes of errors", "", "| status | `code` | `remedy` |", "|---|---|---|")
    for status, (code, remedy) in ERRORS.items():
        yield f"| {status} | `{code}` | {remedy} |"


def everything() -> dict[str, Any]:
    settings = Settings(telemetry=True, synthesis=True, listening=Path("answers.sqlite"))
    return description("", settings)


def page(made: str) -> str:
    parts = [made, "", "# The server's addresses", "", INTRODUCTION]
    for path, methods in everything()["paths"].items():
        parts += operations(path, methods)
    return "\n".join([*parts, *errors()]).rstrip() + "\n"
