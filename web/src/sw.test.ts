import { afterEach, expect, it, vi } from "vitest";

type Listener = (event: { request: Request; respondWith: (answer: Promise<Response>) => void }) => void;

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** The service worker's own listener, with these caches and this network. */
async function worker(caches: object, fetch: () => Promise<Response>) {
  const listeners: Record<string, Listener> = {};
  vi.stubGlobal("location", { href: "https://site.test/sw.js?v=1" });
  vi.stubGlobal("registration", { scope: "https://site.test/" });
  vi.stubGlobal("addEventListener", (name: string, listener: Listener) => {
    listeners[name] = listener;
  });
  vi.stubGlobal("caches", caches);
  vi.stubGlobal("fetch", fetch);
  await import("./sw.ts");
  return (path: string) =>
    new Promise<Response>((resolve, reject) => {
      const request = new Request(`https://site.test/${path}`);
      listeners.fetch?.({ request, respondWith: (answer) => void answer.then(resolve, reject) });
    });
}

it("answers from the network where the device's storage fails", async () => {
  const broken = async () => {
    throw new DOMException("Internal error.", "UnknownError");
  };
  const ask = await worker({ open: broken, keys: broken, match: broken }, async () => new Response("from the network"));
  for (const path of ["", "assets/main.js", "api/styles", "styles/news.py", "build.json"]) {
    expect(await (await ask(path)).text()).toBe("from the network");
  }
});
