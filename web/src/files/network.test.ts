import { afterEach, expect, test, vi } from "vitest";
import { network, withFetch } from "./network.ts";

afterEach(() => vi.unstubAllGlobals());

test("downloads go past what stands in for fetch, during and after", async () => {
  const real = vi.fn(async () => new Response("network"));
  vi.stubGlobal("fetch", real);
  const standIn = vi.fn(async () => new Response("stand-in"));
  const heard = await withFetch(standIn, async () => [
    await (await network("https://site.test/a")).text(),
    await (await fetch("https://site.test/a")).text(),
  ]);
  expect(heard).toEqual(["network", "stand-in"]);
  expect(globalThis.fetch).toBe(real);
  await expect(withFetch(standIn, () => Promise.reject(new Error("no start")))).rejects.toThrow("no start");
  expect(await (await network("https://site.test/a")).text()).toBe("network");
});
