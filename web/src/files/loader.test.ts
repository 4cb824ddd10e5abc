import { createHash } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { Loader } from "./loader.ts";
import { MemoryStore } from "./memory-store.ts";

const BYTES = new TextEncoder().encode("\0asm and so on");
const FILE = {
  path: "a.wasm",
  bytes: BYTES.byteLength,
  sha256: createHash("sha256").update(BYTES).digest("hex"),
  group: "runtime" as const,
};
const store = new MemoryStore();

const lookedAfter = vi.fn(async () => false);

vi.mock("./store.ts", async (original) => ({
  ...(await original<object>()),
  openStore: async () => store,
  lookedAfter: () => lookedAfter(),
}));
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

async function opened(): Promise<Loader> {
  const build = JSON.stringify({ format: 1, version: "1", files: [FILE] });
  vi.stubGlobal(
    "fetch",
    vi.fn(async (url: string) => new Response(url.endsWith(".json") ? build : BYTES)),
  );
  return Loader.open("https://site.test/");
}

test("a module that was downloaded is written down before it is compiled from its address", async () => {
  const loader = await opened();
  let write = () => {};
  const put = vi.spyOn(store, "put").mockReturnValue(
    new Promise((resolve) => {
      write = () => resolve();
    }),
  );
  const told = vi.fn();
  const source = loader.wasm(FILE).then((found) => {
    told();
    return found;
  });
  await vi.waitFor(() => expect(put).toHaveBeenCalled());
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(told).not.toHaveBeenCalled();
  write();
  expect((await source).kept).toBe(true);
  expect(await loader.allKept()).toBe(true);
});

test("where it cannot be written down, its bytes serve", async () => {
  const loader = await opened();
  vi.spyOn(store, "put").mockRejectedValue(new DOMException("full", "QuotaExceededError"));
  const source = await loader.wasm(FILE);
  expect(source.kept).toBe(false);
  expect(await source.bytes()).toEqual(BYTES);
  expect(await loader.allKept()).toBe(false);
});

test("whoever follows a download hears what it takes on the line, and how far it is", async () => {
  const loader = await opened();
  vi.stubGlobal("fetch", async () => new Response(BYTES, { headers: { "content-length": "9" } }));
  const events = { onSize: vi.fn(), onBytes: vi.fn(), onKept: vi.fn() };
  await loader.bytes({ ...FILE, path: "b.bin" }, events);
  expect(events.onSize.mock.lastCall?.[1]).toBe(9);
  expect(events.onBytes.mock.lastCall?.[1]).toBe(FILE.bytes);
  expect(events.onKept).not.toHaveBeenCalled();
});

test("what an earlier build left goes when all of this one is there, unless the service worker looks after it", async () => {
  const old = { ...FILE, sha256: "0".repeat(64) };
  const keeps = async () => [await store.has(FILE), await store.has(old)];
  await store.put(old, BYTES, new Headers());
  const loader = await opened();
  await loader.bytes(FILE);
  lookedAfter.mockResolvedValueOnce(true);
  expect(await loader.allKept()).toBe(true);
  expect(await keeps()).toEqual([true, true]);
  lookedAfter.mockRejectedValueOnce(new Error("storage"));
  expect(await loader.allKept()).toBe(true);
  expect(await keeps()).toEqual([true, true]);
  await loader.allKept();
  expect(await keeps()).toEqual([true, false]);
});
