"""`/api/openapi.json`: what this server answers, as OpenAPI 3.1, with what is turned on and nothing else."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.listening.scenarios import NAME
from gateway.settings import Settings
from gateway.site import Site
from gateway.styles import ID
from gateway.telemetry import EVENTS, FIELDS, FORMAT, OUTCOMES, STAGES, WORD_LENGTH

Json = dict[str, Any]

TEXT: Json = {"type": "string"}
NUMBER: Json = {"type": "number"}
WHOLE: Json = {"type": "integer"}
ERROR: Json = {"$ref": "#/components/schemas/Error"}
USER = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
JSON_TYPE = "application/json"


def record(properties: Json, optional: tuple[str, ...] = (), closed: bool = True) -> Json:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": not closed}


def many(items: Json) -> Json:
    return {"type": "array", "items": items}


def answers(kinds: Json, *refusals: int) -> Json:
    """A response for the media types of a good answer, and for each refusal."""
    found: Json = {
        "200": {"description": "The answer", "content": {kind: {"schema": each} for kind, each in kinds.items()}}
    }
    return found | {str(status): refused(status) for status in refusals}


def refused(status: int) -> Json:
    return {"description": f"Refused with {status}", "content": {JSON_TYPE: {"schema": ERROR}}}


def nothing(*refusals: int) -> Json:
    return {"204": {"description": "Taken"}} | {str(status): refused(status) for status in refusals}


def query(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "required": True, "schema": schema}


def body(schema: Json) -> Json:
    return {"required": True, "content": {JSON_TYPE: {"schema": schema}}}


STYLE = record(
    {
        "id": {"type": "string", "pattern": f"^{ID.pattern}$"},
        "name": {"type": ["string", "object"]},
        "description": {"type": ["string", "object"]},
        "version": TEXT,
        "path": TEXT,
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "bytes": WHOLE,
    }
)
# What each event of the stream is made of; the first one only names the state.
STYLE_EVENT = record(
    {
        "event": {"enum": ["style-added", "style-changed", "style-removed"]},
        "id": TEXT,
        "data": {"type": "string", "description": "The record of the list as JSON; of a removed style its `id`."},
        "retry": WHOLE,
    },
    optional=("event", "id", "data", "retry"),
)
WELL = record({"status": TEXT, "version": TEXT})
PATHS: Json = {
    "/healthz": {"get": {"summary": "Whether this process answers", "responses": answers({JSON_TYPE: WELL})}},
    "/readyz": {"get": {"summary": "Whether the whole site is in place", "responses": answers({JSON_TYPE: WELL}, 503)}},
    "/metrics": {
        "get": {
            "summary": "Figures for Prometheus, for the networks of --metrics-from",
            "responses": answers({"text/plain": TEXT}) | {"404": {"description": "For all others"}},
        }
    },
    "/api/openapi.json": {"get": {"summary": "This", "responses": answers({JSON_TYPE: {"type": "object"}})}},
    "/api/voices": {
        "get": {
            "summary": "The catalogue of the voice packs",
            "responses": answers(
                {
                    JSON_TYPE: record(
                        {"format": WHOLE, "default": {"type": ["string", "null"]}, "voices": many({"type": "object"})}
                    )
                },
                503,
            ),
        }
    },
    "/api/languages": {
        "get": {
            "summary": "What the engine of the site reads",
            "responses": answers({JSON_TYPE: record({"languages": many(record({"code": TEXT, "name": {}}))})}),
        }
    },
    "/api/styles": {
        "get": {
            "summary": "The style plugins",
            "responses": answers({JSON_TYPE: record({"styles": many(STYLE), "state": TEXT})}),
        }
    },
    "/api/styles/events": {
        "get": {
            "summary": "What changes among them, as server-sent events",
            "parameters": [
                {"name": "since", "in": "query", "schema": TEXT, "description": "`state` of the list"},
                {"name": "Last-Event-ID", "in": "header", "schema": TEXT},
            ],
            "responses": answers({"text/event-stream": STYLE_EVENT}, 400, 503),
        }
    },
    "/styles/{id}.py": {
        "get": {
            "summary": "The module of a style",
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": TEXT}],
            "responses": answers({"text/x-python": TEXT})
            | {"304": {"description": "As before"}, "404": {"description": "No such style"}},
        }
    },
    "/{path}": {
        "get": {
            "summary": "The files of the site, as build.json lists them: encodings, conditions, single ranges",
            "parameters": [{"name": "path", "in": "path", "required": True, "schema": TEXT}],
            "responses": {
                "200": {"description": "The file"},
                "206": {"description": "A range of it"},
                "304": {"description": "As before"},
                "404": {"description": "Not of the site"},
                "412": {"description": "Another one than asked for"},
                "416": {"description": "No such range"},
                "503": {"description": "Being exchanged at this moment"},
            },
        }
    },
}
# How a field of a report is written; the readers themselves are in gateway/telemetry.py.
REPORT_FIELDS: Json = {
    "voice": {"type": "string", "maxLength": WORD_LENGTH},
    "code": {"type": "string", "maxLength": WORD_LENGTH},
    "outcome": {"enum": list(OUTCOMES)},
    "stages": {"type": "object", "properties": dict.fromkeys(STAGES, NUMBER), "additionalProperties": False},
    "chunks": WHOLE,
    "underruns": WHOLE,
    "trace": TEXT,
}


def event(kind: str) -> Json:
    fields = {name: REPORT_FIELDS.get(name, {"type": "number", "minimum": 0}) for name in FIELDS[kind]}
    return record({"kind": {"const": kind}, **fields}, ("first_chunk_seconds", "voice", "trace"))


def telemetry() -> Json:
    events = {"type": "array", "minItems": 1, "maxItems": EVENTS, "items": {"oneOf": [event(kind) for kind in FIELDS]}}
    report = record({"format": {"const": FORMAT}, "events": events})
    operation = {"summary": "Figures of speech", "requestBody": body(report)}
    return {"/api/telemetry": {"post": operation | {"responses": nothing(400, 403, 413, 415, 429)}}}


def synthesis(characters: int) -> Json:
    order = record(
        {
            "text": {"type": "string", "maxLength": characters},
            "options": {"type": "object"},
            "format": {"enum": ["wav", "pcm", "ndjson"]},
        },
        ("options", "format"),
    )
    sound = {"type": "string", "format": "binary"}
    kinds = {"audio/wav": sound, "audio/pcm": sound, "application/x-ndjson": TEXT}
    refusals = answers(kinds, 400, 404, 413, 415, 429, 503)
    return {"/api/tts": {"post": {"summary": "Speech", "requestBody": body(order), "responses": refusals}}}


def listening() -> Json:
    name: Json = {"type": "string", "pattern": f"^{NAME.pattern}$"}
    user: Json = {"type": "string", "pattern": f"^{USER}$"}
    who = [query("scenario", name), query("user", user)]
    where = [*who, query("item", name), query("side", {"enum": ["left", "right"]})]
    score = {"type": "integer", "minimum": 1, "maximum": 5}
    answer = record(
        {
            "scenario": name,
            "user": user,
            "item": name,
            "preference": {"enum": ["left", "right", "none"]},
            "scores": {"type": "object", "additionalProperties": record({"left": score, "right": score})},
            "seconds": {"type": "number", "minimum": 0},
        }
    )
    closed: list[Json] = [{"bearer": []}]
    listed = {JSON_TYPE: record({"scenarios": many({"type": "object"})})}
    trials = {
        JSON_TYPE: record({"scenario": name, "trials": many({"type": "object"}), "questions": many({"type": "object"})})
    }
    operations: dict[str, tuple[str, Json]] = {
        "": ("get", {"summary": "What is compared", "responses": answers(listed)}),
        "/session": ("get", {"summary": "A listener's trials", "parameters": who, "responses": answers(trials, 400)}),
        "/clip": ("get", {"summary": "A recording", "parameters": where, "responses": answers({"audio/*": {}}, 404)}),
        "/answers": (
            "post",
            {"summary": "An answer", "requestBody": body(answer), "responses": nothing(400, 403, 413, 415, 429, 503)},
        ),
        "/results": ("get", {"summary": "The results", "security": closed, "responses": answers(listed, 401)}),
        "/results.csv": (
            "get",
            {"summary": "All answers", "security": closed, "responses": answers({"text/csv": TEXT}, 401)},
        ),
    }
    return {f"/api/listening{path}": {method: operation} for path, (method, operation) in operations.items()}


def description(version: str, settings: Settings) -> Json:
    paths = dict(PATHS)
    if settings.telemetry:
        paths |= telemetry()
    if settings.synthesis:
        paths |= synthesis(settings.synthesis_characters)
    if settings.listening:
        paths |= listening()
    failure = record({"error": record({"code": TEXT, "message": TEXT, "remedy": TEXT})})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Qingsheng",
            "version": version,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": ".."}],
        "paths": paths,
        "components": {
            "schemas": {"Error": failure},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


class OpenApi:
    def __init__(self, site: Site, settings: Settings) -> None:
        self.site, self.settings = site, settings

    async def serve(self, _request: Request) -> Response:
        content = description(self.site.version, self.settings)
        return JSONResponse(content, headers={"Cache-Control": "no-cache"})
