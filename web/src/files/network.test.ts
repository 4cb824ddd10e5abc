import { afterEach, expect, test, vi } from "vitest";
import { answering, network } from "./network.ts";

afterEach(() => vi.unstubAllGlobals());

const textAt = async (url: string, by: typeof fetch = fetch) => (await by(url)).text();

test("downloads go past what answers for fetch, during and after", async () => {
  const real = vi.fn(async () => new Response("network"));
  vi.stubGlobal("fetch", real);
  const answer = (url: string) => (url.endsWith("/a") ? Promise.resolve(new Response("answer")) : undefined);
  const heard = await answering(answer, async () => [
    await textAt("https://site.test/a", network),
    await textAt("https://site.test/a"),
    await textAt("https://site.test/b"),
  ]);
  expect(heard).toEqual(["network", "answer", "network"]);
  expect(globalThis.fetch).toBe(real);
  await expect(answering(answer, () => Promise.reject(new Error("no start")))).rejects.toThrow("no start");
  expect(await textAt("https://site.test/a")).toBe("network");
});

test("several may answer at once, whichever is done first", async () => {
  const real = vi.fn(async () => new Response("network"));
  vi.stubGlobal("fetch", real);
  const from = (name: string) => (url: string) =>
    url.endsWith(name) ? Promise.resolve(new Response(name)) : undefined;
  let finish = () => {};
  const first = answering(
    from("a"),
    () =>
      new Promise<void>((resolve) => {
        finish = resolve;
      }),
  );
  const second = answering(from("b"), async () => [
    await textAt("https://site.test/a"),
    await textAt("https://site.test/b"),
  ]);
  expect(await second).toEqual(["a", "b"]);
  expect(await textAt("https://site.test/b")).toBe("network");
  finish();
  await first;
  expect(globalThis.fetch).toBe(real);
});
