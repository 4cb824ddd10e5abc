"""Log lines as JSON, one object each, with the trace that they belong to."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

from gateway.trace import CURRENT

FORMATS = ("text", "json")


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"time": moment, "level": record.levelname.lower(), "logger": record.name}
        line["message"] = record.getMessage()
        trace = CURRENT.get()
        if trace is not None:
            line |= {"trace_id": trace.trace_id, "span_id": trace.span_id}
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class TextFormatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        fields = " ".join(f"{name}={plain(value)}" for name, value in getattr(record, "fields", {}).items())
        return f"{super().format(record)} {fields}".rstrip()


def plain(value: object) -> str:
    """What a client chose stays in its line, and tells a terminal nothing."""
    return "".join(char if char.isprintable() and char != " " else escaped(char) for char in str(value))


def escaped(char: str) -> str:
    return "\\x20" if char == " " else repr(char)[1:-1]


def configuration(form: str, requests: bool) -> dict[str, Any]:
    """For `logging.config`: everything to stderr; `requests` adds a line for each answer."""
    formatter = JsonFormatter if form == "json" else TextFormatter
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "loggers": {
            "uvicorn": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "qingsheng": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
            # It warns of each write to a client that has just gone, which is no news.
            "asyncio": {"level": "ERROR"},
            "qingsheng.request": {"level": "INFO" if requests else "WARNING"},
        },
    }
