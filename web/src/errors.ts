/** Errors with stable codes: the engine's own (`py_engine/errors.py`) and those of the web layer. */

export const ERROR_CODES = [
  // Raised by the Python engine.
  "text.empty",
  "text.too_long",
  "markup.malformed",
  "markup.unknown",
  "markup.value",
  "lexicon.invalid",
  "voice.not_found",
  "voice.format",
  "voice.corrupt",
  "model.unknown",
  "model.missing",
  "model.corrupt",
  "style.invalid",
  "option.invalid",
  "language.unsupported",
  "runtime.failed",
  "cancelled",
  // Raised here.
  "file.missing",
  "file.corrupt",
  "network.failed",
  "page.insecure",
  "wasm.unsupported",
  "worker.lost",
  "audio.failed",
  "disposed",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export type ErrorDetail = Readonly<Record<string, unknown>>;

/** The shape an error has on the wire, the same as `QingshengError.as_dict()` in Python. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string;
  readonly detail: ErrorDetail;
}

/** message: what was got and what was expected. remedy: what to do about it. */
export class QingshengError extends Error {
  override readonly name = "QingshengError";

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly remedy = "",
    readonly detail: ErrorDetail = {},
  ) {
    super(message);
  }

  toWire(): WireError {
    return { code: this.code, message: this.message, remedy: this.remedy, detail: this.detail };
  }

  static fromWire(wire: WireError): QingshengError {
    return new QingshengError(wire.code, wire.message, wire.remedy, wire.detail);
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return ERROR_CODES.some((code) => code === value);
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

export function cancelled(): QingshengError {
  return new QingshengError("cancelled", "The request was cancelled.", "Ask again when you need it.");
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled();
}

/** Any thrown value as one of ours; what nobody foresaw is a failure of the runtime. */
export function toQingshengError(error: unknown): QingshengError {
  if (error instanceof QingshengError) return error;
  if (isAbort(error)) return cancelled();
  const message = error instanceof Error ? error.message : String(error);
  return new QingshengError(
    "runtime.failed",
    message || "The runtime failed without a message.",
    "Reload the page; if it happens again, report the message with the text that caused it.",
  );
}

/** The coded error that the Python bridge hands over as a plain record. */
export function fromPythonRecord(record: Readonly<Record<string, unknown>>): QingshengError {
  const { code, message, remedy, detail } = record;
  return new QingshengError(
    isErrorCode(code) ? code : "runtime.failed",
    typeof message === "string" ? message : String(code),
    typeof remedy === "string" ? remedy : "",
    typeof detail === "object" && detail !== null ? (detail as ErrorDetail) : {},
  );
}
