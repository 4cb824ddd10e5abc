"""Spans for an OpenTelemetry collector: the optional extra `otel`, set up by the OTEL_* environment variables."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Mapping
from typing import Any

from gateway.trace import Trace

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
SERVICE = "qingsheng"
FLUSH_MILLISECONDS = 3000


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

    def close(self) -> None:
        """Sends what is left. Blocks for a moment, and no longer where the collector does not answer."""
        self.processor.force_flush(FLUSH_MILLISECONDS)
        self.processor.shutdown()

    def context(self, trace_id: str, span_id: str, sampled: bool, remote: bool) -> Any:  # noqa: ANN401
        flags = self.api.TraceFlags(self.api.TraceFlags.SAMPLED if sampled else 0)
        return self.api.SpanContext(int(trace_id, 16), int(span_id, 16), remote, flags)

    def request(self, trace: Trace, method: str, route: str, status: int, began_ns: int) -> None:
        """began_ns: nanoseconds since 1970."""
        self.end(
            f"{method} {route}",
            self.context(trace.trace_id, trace.span_id, trace.sampled, False),
            self.context(trace.trace_id, trace.parent_id, trace.sampled, True) if trace.parent_id else None,
            began_ns,
            {"http.request.method": method, "http.route": route, "http.response.status_code": status},
            kind=self.api.SpanKind.SERVER,
            failed=status >= 500,
        )

    def part(self, trace: Trace, name: str, began_ns: int, attributes: Mapping[str, str]) -> None:
        """A part of a request that ends now, below the request's own span."""
        own = self.context(trace.trace_id, secrets.token_hex(8), trace.sampled, False)
        parent = self.context(trace.trace_id, trace.span_id, trace.sampled, False)
        self.end(name, own, parent, began_ns, attributes, kind=self.api.SpanKind.INTERNAL)

    def page(self, traceparent: str, name: str, seconds: float, stages: Mapping[str, float]) -> None:
        """What a browser reports of itself, under the ids that it gave; its stages, in order, below.

        When it happened is not told, only how long it took: it is put at its report.
        """
        _, trace_id, span_id, flags = traceparent.split("-")[:4]
        sampled, began = bool(int(flags, 16) & 1), time.time_ns() - int(seconds * 1e9)
        own = self.context(trace_id, span_id, sampled, True)
        self.end(f"page {name}", own, None, began, {}, kind=self.api.SpanKind.CLIENT)
        for stage, took in stages.items():
            ended = began + int(took * 1e9)
            context = self.context(trace_id, secrets.token_hex(8), sampled, True)
            self.end(f"page {name} {stage}", context, own, began, {}, kind=self.api.SpanKind.INTERNAL, ended_ns=ended)
            began = ended

    def end(
        self,
        name: str,
        context: Any,  # noqa: ANN401
        parent: Any,  # noqa: ANN401
        began_ns: int,
        attributes: Mapping[str, str | int],
        kind: Any,  # noqa: ANN401
        failed: bool = False,
        ended_ns: int | None = None,
    ) -> None:
        span = self.make(
            name=name,
            context=context,
            parent=parent,
            resource=self.resource,
            attributes=attributes,
            kind=kind,
            status=self.api.Status(self.api.StatusCode.ERROR if failed else self.api.StatusCode.UNSET),
            start_time=began_ns,
            end_time=time.time_ns() if ended_ns is None else ended_ns,
        )
        self.processor.on_end(span)


def otlp_processor() -> Any:  # noqa: ANN401
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return BatchSpanProcessor(OTLPSpanExporter())


def spans_if_asked() -> Spans | None:
    """Spans where an endpoint is set. Raises `ExtraMissing`."""
    return Spans() if any(os.environ.get(name) for name in ENDPOINTS) else None
