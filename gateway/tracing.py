"""Spans for an OpenTelemetry collector: the optional extra `otel`, set up by the OTEL_* environment variables."""

from __future__ import annotations

import os
import time
from typing import Any

from gateway.trace import Trace

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
SERVICE = "qingsheng"


class ExtraMissing(Exception):
    """Spans are asked for, but the packages that send them are not installed."""

    def __init__(self) -> None:
        super().__init__(
            f"{' or '.join(ENDPOINTS)} is set, but OpenTelemetry is missing. Run `uv sync --extra otel` or unset it."
        )


class Spans:
    """Ends a span for each request, with the ids that its log line has. `processor` takes finished spans."""

    def __init__(self, processor: Any = None) -> None:  # noqa: ANN401 - a type of the extra
        try:
            from opentelemetry import trace
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import ReadableSpan
        except ImportError as error:
            raise ExtraMissing from error
        self.api, self.make = trace, ReadableSpan
        self.resource = Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", SERVICE)})
        self.processor = processor or otlp_processor()

    def context(self, trace_id: str, span_id: str, sampled: bool, remote: bool) -> Any:  # noqa: ANN401
        flags = self.api.TraceFlags(self.api.TraceFlags.SAMPLED if sampled else 0)
        return self.api.SpanContext(int(trace_id, 16), int(span_id, 16), remote, flags)

    def request(self, trace: Trace, method: str, route: str, status: int, began_ns: int) -> None:
        """began_ns: nanoseconds since 1970."""
        parent = self.context(trace.trace_id, trace.parent_id, trace.sampled, True) if trace.parent_id else None
        code = self.api.StatusCode.ERROR if status >= 500 else self.api.StatusCode.UNSET
        span = self.make(
            name=f"{method} {route}",
            context=self.context(trace.trace_id, trace.span_id, trace.sampled, False),
            parent=parent,
            resource=self.resource,
            attributes={"http.request.method": method, "http.route": route, "http.response.status_code": status},
            kind=self.api.SpanKind.SERVER,
            status=self.api.Status(code),
            start_time=began_ns,
            end_time=time.time_ns(),
        )
        self.processor.on_end(span)


def otlp_processor() -> Any:  # noqa: ANN401
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return BatchSpanProcessor(OTLPSpanExporter())


def spans_if_asked() -> Spans | None:
    """Spans where an endpoint is set. Raises `ExtraMissing`."""
    return Spans() if any(os.environ.get(name) for name in ENDPOINTS) else None
