import { afterEach, expect, it, vi } from "vitest";
import { hasSharedMemory } from "./shared-memory.ts";

afterEach(() => vi.unstubAllGlobals());

it("is there in isolated pages of browsers that have it", () => {
  vi.stubGlobal("crossOriginIsolated", false);
  expect(hasSharedMemory()).toBe(false);
  vi.stubGlobal("crossOriginIsolated", true);
  expect(hasSharedMemory()).toBe(true);
  vi.stubGlobal("SharedArrayBuffer", undefined);
  expect(hasSharedMemory()).toBe(false);
});
