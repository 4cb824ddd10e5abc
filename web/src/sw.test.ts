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

it("answers for a folder with its index, and for nothing that the build does not list", async () => {
  const kept = new Map([
    [
      "https://site.test/build.json",
      JSON.stringify({ version: "1", files: [file("examples/index.html"), file("index.html")] }),
    ],
    ["https://site.test/examples/index.html", "the examples"],
    ["https://site.test/index.html", "the page"],
  ]);
  const cache = { match: async (key: string) => (kept.has(key) ? new Response(kept.get(key)) : undefined) };
  const ask = await worker(
    { open: async () => cache, keys: async () => [] },
    async () => new Response("from the network"),
  );
  const said = [];
  for (const path of ["examples/", "examples/index.html", "?from=link", "other/"])
    said.push(await (await ask(path)).text());
  expect(said).toEqual(["the examples", "the examples", "the page", "from the network"]);
});

function file(path: string) {
  return { path, bytes: 1, sha256: "0".repeat(64), group: "page" };
}
