import { describe, expect, it } from "vitest";
import { fromPythonRecord, QingshengError, toQingshengError } from "./errors.ts";

describe("errors", () => {
  it("cross the wire unchanged", () => {
    const error = new QingshengError("file.missing", "got 404", "serve it", { status: 404 });
    const copy = QingshengError.fromWire(structuredClone(error.toWire()));
    expect(copy).toMatchObject({
      code: "file.missing",
      message: "got 404",
      remedy: "serve it",
      detail: { status: 404 },
    });
    expect(copy).toBeInstanceOf(QingshengError);
  });

  it("map what others throw", () => {
    expect(toQingshengError(new DOMException("stop", "AbortError")).code).toBe("cancelled");
    expect(toQingshengError(new RangeError("out of memory"))).toMatchObject({
      code: "runtime.failed",
      message: "out of memory",
    });
    const own = new QingshengError("text.empty", "nothing");
    expect(toQingshengError(own)).toBe(own);
  });

  it("take over Python's codes and distrust unknown ones", () => {
    const record = { code: "text.too_long", message: "6000", remedy: "split", detail: { limit: 5000 } };
    expect(fromPythonRecord(record)).toMatchObject(record);
    expect(fromPythonRecord({ code: "surprise", message: "x" })).toMatchObject({
      code: "runtime.failed",
      message: "x",
    });
  });
});
