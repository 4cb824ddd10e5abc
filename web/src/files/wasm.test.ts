import { afterEach, expect, test, vi } from "vitest";
import { integrity, wasmModule, wasmResponse } from "./wasm.ts";

afterEach(() => vi.unstubAllGlobals());

// SHA-256 of nothing, from FIPS 180-4's test vectors, and its Base64.
const DIGEST = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const URL = "https://site.test/a.wasm";
const bytes = () => Promise.resolve(new Uint8Array([1, 2, 3]));

test("a digest becomes what fetch checks", () => {
  expect(integrity(DIGEST)).toBe("sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
});

test("what is on the device is asked for by its address, never over the network", async () => {
  const kept = new Response("kept");
  const asked = vi.fn(async (_input: unknown, _init?: RequestInit) => kept);
  vi.stubGlobal("fetch", asked);
  const unread = vi.fn(bytes);
  expect(await wasmResponse({ url: URL, sha256: DIGEST, kept: true, bytes: unread })).toBe(kept);
  expect(unread).not.toHaveBeenCalled();
  expect(asked).toHaveBeenCalledWith(URL, {
    cache: "only-if-cached",
    mode: "same-origin",
    integrity: integrity(DIGEST),
  });
});

test.each([
  ["has another digest", true, () => Promise.reject(new TypeError("Failed to fetch"))],
  ["is in no cache", true, async () => new Response(null, { status: 504 })],
  ["was downloaded just now", false, () => Promise.reject(new Error("must not be asked"))],
])("what %s is compiled from verified bytes", async (_name, kept, answer) => {
  vi.stubGlobal("fetch", vi.fn(answer));
  const response = await wasmResponse({ url: URL, sha256: DIGEST, kept, bytes });
  expect(response.headers.get("content-type")).toBe("application/wasm");
  expect(new Uint8Array(await response.arrayBuffer())).toEqual(await bytes());
});

test.each([
  ["as what it is", "application/wasm"],
  ["under another type, as some hosts send it", "application/octet-stream"],
])("a module is made of a response %s", async (_name, type) => {
  const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
  vi.stubGlobal("fetch", async () => new Response(empty, { headers: { "content-type": type } }));
  const module = await wasmModule({ url: URL, sha256: DIGEST, kept: true, bytes: async () => empty });
  expect(module).toBeInstanceOf(WebAssembly.Module);
});
