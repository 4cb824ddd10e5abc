import { createHash } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type ErrorCode, QingshengError } from "../errors.ts";
import type { BuildFile } from "./build.ts";
import type { Bytes } from "./digest.ts";
import { download } from "./download.ts";
import { MemoryStore } from "./memory-store.ts";
import { SILENCE_MS } from "./patience.ts";
import { PART_BYTES } from "./store.ts";

const BASE = "https://site.test/speech/";

function content(bytes: number): Bytes {
  const made = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i++) made[i] = (i * 31 + (i >> 8)) & 255;
  return made;
}

function fileOf(bytes: Bytes): BuildFile {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { path: "a.bin", bytes: bytes.byteLength, sha256, group: "runtime" };
}

/** Megabytes are compared as buffers: the matcher's element-wise way takes seconds. */
function same(got: Bytes, expected: Bytes): boolean {
  return Buffer.from(got.buffer, got.byteOffset, got.byteLength).equals(expected);
}

/** Answers one after another; a function answers by the request's headers. */
function answers(...list: (Response | Error | ((init: RequestInit) => Response))[]) {
  const fetch = vi.fn(async (_url: string, init: RequestInit) => {
    const next = list.shift();
    if (next === undefined) throw new Error("one request too many");
    if (next instanceof Error) throw next;
    return typeof next === "function" ? next(init) : next;
  });
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | undefined> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(QingshengError);
  return error instanceof QingshengError ? error.code : undefined;
}

/** A body that ends with a broken connection after `bytes`. */
function cutOff(bytes: Bytes, status = 200): Response {
  const pieces = [bytes.subarray(0, bytes.byteLength >> 1), bytes.subarray(bytes.byteLength >> 1)];
  const body = new ReadableStream({
    pull(controller) {
      const piece = pieces.shift();
      if (piece) controller.enqueue(piece);
      else controller.error(new TypeError("connection reset"));
    },
  });
  return new Response(body, { status });
}

function rangeStart(init: RequestInit): number {
  const { Range = "" } = init.headers as Record<string, string>;
  return Number(/\d+/.exec(Range)?.[0]);
}

afterEach(() => vi.unstubAllGlobals());

describe("download", () => {
  it("gives the bytes and reports them as they come", async () => {
    const bytes = content(1000);
    const seen: number[] = [];
    answers(new Response(bytes));
    const got = await download(fileOf(bytes), { baseUrl: BASE, store: undefined, onBytes: (_, n) => seen.push(n) });
    expect(same(got.bytes, bytes)).toBe(true);
    expect(seen.at(-1)).toBe(1000);
  });

  it("says what the whole file takes on the line, where the host does", async () => {
    const bytes = content(3 * PART_BYTES);
    const file = fileOf(bytes);
    const sizes: number[] = [];
    const onSize = (_: BuildFile, transfer: number) => sizes.push(transfer);
    const store = new MemoryStore();
    await store.putPart(file, 0, bytes.slice(0, PART_BYTES));
    const rest = bytes.subarray(PART_BYTES);
    answers(new Response(rest, { status: 206, headers: { "content-length": String(rest.byteLength) } }));
    await download(file, { baseUrl: BASE, store, onSize });
    expect(sizes).toEqual([]);
    for (const headers of [{ "content-length": "700", "content-encoding": "gzip" }, {}]) {
      answers(new Response(bytes, { headers }));
      await download(file, { baseUrl: BASE, store: undefined, onSize });
    }
    expect(sizes).toEqual([700, 0]);
  });

  it("asks for the file below the site's address", async () => {
    const bytes = content(10);
    const fetch = answers(new Response(bytes));
    await download(fileOf(bytes), { baseUrl: BASE, store: undefined });
    expect(fetch.mock.calls[0]?.[0]).toBe("https://site.test/speech/a.bin");
  });

  it("calls a 404 file.missing, a 500 and a broken line network.failed", async () => {
    const file = fileOf(content(10));
    answers(new Response("<html>", { status: 404 }));
    expect(await codeOf(download(file, { baseUrl: BASE, store: undefined }))).toBe("file.missing");
    answers(new Response("", { status: 500 }));
    expect(await codeOf(download(file, { baseUrl: BASE, store: undefined }))).toBe("network.failed");
    answers(new TypeError("offline"));
    expect(await codeOf(download(file, { baseUrl: BASE, store: undefined }))).toBe("network.failed");
  });

  it("refuses an HTML page in place of a model, twice, naming both values", async () => {
    const file = fileOf(content(1000));
    answers(new Response("<!doctype html>"), new Response("<!doctype html>"));
    await expect(download(file, { baseUrl: BASE, store: undefined })).rejects.toMatchObject({
      code: "file.corrupt",
      message: expect.stringMatching(/15 bytes, expected 1000/),
    });
  });

  it("refuses bytes of the right size and the wrong digest, and more bytes than promised", async () => {
    const bytes = content(1000);
    const wrong = bytes.slice();
    wrong[500] = (wrong[500] ?? 0) ^ 1;
    answers(new Response(wrong), new Response(wrong));
    expect(await codeOf(download(fileOf(bytes), { baseUrl: BASE, store: undefined }))).toBe("file.corrupt");
    answers(new Response(content(1001)), new Response(content(1001)));
    expect(await codeOf(download(fileOf(bytes), { baseUrl: BASE, store: undefined }))).toBe("file.corrupt");
  });

  it("asks past the HTTP cache after a corrupt answer", async () => {
    const bytes = content(1000);
    const fetch = answers(new Response(content(999)), new Response(bytes));
    expect(same((await download(fileOf(bytes), { baseUrl: BASE, store: undefined })).bytes, bytes)).toBe(true);
    expect(fetch.mock.calls.map(([, init]) => init.cache)).toEqual(["default", "reload"]);
  });

  it("goes on where an interrupted download stopped", async () => {
    const bytes = content(3 * PART_BYTES + 10);
    const file = fileOf(bytes);
    const store = new MemoryStore();
    answers(cutOff(bytes.subarray(0, 2 * PART_BYTES + 7)));
    expect(await codeOf(download(file, { baseUrl: BASE, store }))).toBe("network.failed");
    const fetch = answers(new Response(bytes.subarray(2 * PART_BYTES), { status: 206 }));
    expect(same((await download(file, { baseUrl: BASE, store })).bytes, bytes)).toBe(true);
    expect(fetch.mock.calls[0]?.[1].headers).toEqual({ Range: `bytes=${2 * PART_BYTES}-` });
    expect(store.partsOf.size).toBe(0);
  });

  it("takes the whole file from a server that knows no ranges", async () => {
    const bytes = content(2 * PART_BYTES);
    const file = fileOf(bytes);
    const store = new MemoryStore();
    await store.putPart(file, 0, bytes.slice(0, PART_BYTES));
    answers(new Response(bytes));
    expect(same((await download(file, { baseUrl: BASE, store })).bytes, bytes)).toBe(true);
  });

  it("starts over when kept parts were of another file", async () => {
    const bytes = content(2 * PART_BYTES);
    const file = fileOf(bytes);
    const store = new MemoryStore();
    await store.putPart(file, 0, new Uint8Array(PART_BYTES));
    answers(new Response(bytes.subarray(PART_BYTES), { status: 206 }), new Response(bytes));
    expect(same((await download(file, { baseUrl: BASE, store })).bytes, bytes)).toBe(true);
    expect(store.partsOf.size).toBe(0);
  });

  it("goes on over a broken line from the byte it had reached, as long as something comes", async () => {
    const bytes = content(1000);
    const fetch = answers(
      cutOff(bytes.subarray(0, 300)),
      new TypeError("connection refused"),
      new Response("", { status: 503 }),
      (init) => cutOff(bytes.subarray(rangeStart(init), 600), 206),
      new TypeError("connection refused"),
      (init) => new Response(bytes.subarray(rangeStart(init)), { status: 206 }),
    );
    const got = await download(fileOf(bytes), { baseUrl: BASE, store: undefined, patience: [0, 0, 0] });
    expect(same(got.bytes, bytes)).toBe(true);
    expect(fetch.mock.calls.map(([, { headers }]) => (headers as Record<string, string> | undefined)?.Range)).toEqual([
      undefined,
      "bytes=300-",
      "bytes=300-",
      "bytes=300-",
      "bytes=600-",
      "bytes=600-",
    ]);
  });

  it("gives up when nothing comes any more, at once where trying again is no use, and when it is told to", async () => {
    const file = fileOf(content(10));
    const refused = () => new TypeError("connection refused");
    const patient = { baseUrl: BASE, store: undefined, patience: [0, 0] };
    const three = answers(refused(), refused(), refused());
    expect(await codeOf(download(file, patient))).toBe("network.failed");
    expect(three).toHaveBeenCalledTimes(3);
    const one = answers(new Response("", { status: 403 }));
    expect(await codeOf(download(file, patient))).toBe("network.failed");
    expect(one).toHaveBeenCalledTimes(1);
    answers(refused());
    const stop = new AbortController();
    const waiting = download(file, { ...patient, patience: [60_000], signal: stop.signal });
    setTimeout(() => stop.abort(), 5);
    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
  });

  it("takes a line that has fallen silent for a broken one", async () => {
    vi.useFakeTimers();
    try {
      const bytes = content(10);
      answers(
        (init) =>
          new Response(
            new ReadableStream({
              start: (controller) =>
                init.signal?.addEventListener("abort", () => controller.error(init.signal?.reason)),
            }),
          ),
        new Response(bytes),
      );
      const got = download(fileOf(bytes), { baseUrl: BASE, store: undefined, patience: [0] });
      await vi.advanceTimersByTimeAsync(SILENCE_MS + 10);
      expect(same((await got).bytes, bytes)).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});
