/** The second visit, without a server; a new version; a download that goes on where it stopped. */
import type { BrowserContext, Page, Request } from "@playwright/test";
import { load } from "./engine.ts";
import { expect, openReady, test } from "./fixtures.ts";
import { NEWER_SITE, SITE } from "./places.ts";
import { SiteServer } from "./server.ts";

test.describe.configure({ mode: "serial" });

/** How files are kept and fetched is the same without isolation, where there is less to be kept. */
const ONCE = { tag: "@once" };

let server: SiteServer;
let context: BrowserContext;
let page: Page;

test.beforeAll(async ({ browser, isolated }) => {
  server = await SiteServer.start(SITE, isolated);
  context = await browser.newContext();
  page = await context.newPage();
});

test.afterAll(async () => {
  await context.close();
  await server.stop();
});

async function speakOnce(): Promise<void> {
  await page.click("#speak");
  await expect(page.locator("#reading mark")).not.toBeEmpty();
  await page.click("#stop");
}

test("the first visit keeps everything on the device", async () => {
  await openReady(page, server.url);
  await expect(page.locator("#offline")).toHaveAttribute("data-state", "ready");
});

test("a style is chosen", async () => {
  // What the page asked for before the service worker took over went past it.
  await page.reload();
  await expect(page.locator("body")).toHaveAttribute("data-app", "ready", { timeout: 60_000 });
  await page.selectOption("#style", "news");
  await expect(page.locator("#style-about")).not.toBeEmpty();
});

test("the second visit speaks with the server stopped, as isolated as before", async ({ isolated }) => {
  await server.stop();
  await expect(fetch(server.url)).rejects.toThrow();
  // By their addresses: of bytes that were read the browser does not keep the compiled code.
  const modules: (string | undefined)[] = [];
  const note = (request: Request) => {
    if (request.url().endsWith(".wasm")) modules.push(request.url().split("/").at(-1));
  };
  context.on("request", note);
  const start = Date.now();
  await page.reload();
  await expect(page.locator("body")).toHaveAttribute("data-app", "ready", { timeout: 60_000 });
  context.off("request", note);
  expect(new Set(modules.map((name) => name?.split(/[.-]/)[0]))).toEqual(
    new Set(["pyodide", "ort", "_multiarray_umath", "_umath_linalg", "_pocketfft_umath"]),
  );
  test.info().annotations.push({ type: "reload to ready, offline", description: `${Date.now() - start} ms` });
  await expect(page.locator("#style")).toHaveValue("news");
  await expect(page.locator("#style-about")).toHaveAttribute("data-failed", "false");
  await speakOnce();
  expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(isolated);
  await expect(page.locator("#bytes-text")).toHaveText(/^([\d.]+) \/ \1 MB · 100%，其中 \1 MB 来自本机/);
});

test("a new version installs beside the old one, reuses its files and replaces it when asked", ONCE, async () => {
  await server.restart(NEWER_SITE);
  await page.reload();
  await expect(page.locator("body")).toHaveAttribute("data-app", "ready", { timeout: 60_000 });
  await expect(page.locator("#update")).toBeVisible();
  const before = await cached();
  expect(before.pages.length).toBe(2);
  await Promise.all([page.waitForEvent("load"), page.click("#apply-update")]);
  await expect(page.locator("body")).toHaveAttribute("data-app", "ready", { timeout: 60_000 });
  expect(await page.content()).toContain("<!-- newer -->");
  const after = await cached();
  expect(after.pages.length).toBe(1);
  expect(after.files).toEqual(before.files);
  await speakOnce();
});

test("kept files that went bad are fetched anew", ONCE, async () => {
  const files = await page.evaluate(async () => {
    const build: { files: { path: string; sha256: string; bytes: number }[] } = await (
      await fetch("build.json")
    ).json();
    const wanted = build.files.filter(({ path }) =>
      /(pyodide\.asm|ort|_multiarray_umath).*\.wasm$|decoder\.onnx$/.test(path),
    );
    const cache = await caches.open((await caches.keys()).find((name) => name.startsWith("qingsheng-files")) ?? "");
    const kept: { key: string; bytes: number }[] = [];
    for (const { sha256, bytes } of wanted) {
      const key = `https://qingsheng.invalid/file/${sha256}`;
      if (!(await cache.match(key))) continue;
      await cache.put(key, new Response("bad", { headers: { "content-type": "application/wasm" } }));
      kept.push({ key, bytes });
    }
    return kept;
  });
  expect(files.length).toBeGreaterThan(3);
  await page.reload();
  await expect(page.locator("body")).toHaveAttribute("data-app", "ready", { timeout: 60_000 });
  const sizes = () =>
    page.evaluate(
      async (keys) => {
        const cache = await caches.open((await caches.keys()).find((name) => name.startsWith("qingsheng-files")) ?? "");
        return Promise.all(keys.map(async (key) => (await (await cache.match(key))?.arrayBuffer())?.byteLength));
      },
      files.map(({ key }) => key),
    );
  await expect.poll(sizes).toEqual(files.map(({ bytes }) => bytes));
});

test("page files that went bad are fetched anew, and so is a list of files that cannot be read", ONCE, async () => {
  const spoil = (path: string) =>
    page.evaluate(async (path) => {
      const cache = await caches.open((await caches.keys()).find((name) => name.startsWith("qingsheng-page")) ?? "");
      const address = new URL(path, document.baseURI).href;
      if (!(await cache.match(address))) throw new Error(`${path} is not kept`);
      await cache.put(address, new Response("bad"));
      // The loader has a copy of its own.
      const build: { files: { path: string; sha256: string }[] } = await (
        await fetch("build.json", { cache: "no-store" })
      ).json();
      const files = await caches.open((await caches.keys()).find((name) => name.startsWith("qingsheng-files")) ?? "");
      const digest = build.files.find((file) => file.path === path)?.sha256;
      await files.delete(`https://qingsheng.invalid/file/${digest}`);
    }, path);
  const kept = (path: string) =>
    page.evaluate(async (path) => {
      const cache = await caches.open((await caches.keys()).find((name) => name.startsWith("qingsheng-page")) ?? "");
      return (await (await cache.match(new URL(path, document.baseURI).href))?.text())?.slice(0, 1);
    }, path);
  for (const path of ["models/catalog.json", "build.json"]) {
    await spoil(path);
    await page.reload();
    await expect(page.locator("body")).toHaveAttribute("data-app", "ready", { timeout: 60_000 });
    await expect.poll(() => kept(path), { message: path }).toBe("{");
  }
});

test("an interrupted download goes on where it stopped", ONCE, async ({ browser }) => {
  const fresh = await browser.newContext({ serviceWorkers: "block" });
  const ranges: string[] = [];
  fresh.on("request", (request) => {
    const range = request.headers().range;
    if (range) ranges.push(range);
  });
  const visit = await fresh.newPage();
  await visit.goto(`${server.url}healthz`);
  const digest = await visit.evaluate(async () => {
    const base = new URL(".", document.baseURI).href;
    const build: { files: { path: string; sha256: string }[] } = await (await fetch("build.json")).json();
    const wasm = build.files.find(({ path }) => path.endsWith("pyodide.asm.wasm"));
    const bytes = await (await fetch(wasm?.path ?? "")).arrayBuffer();
    const cache = await caches.open(`qingsheng-files-1 ${base}`);
    for (const index of [0, 1, 2]) {
      const part = bytes.slice(index << 20, (index + 1) << 20);
      await cache.put(`https://qingsheng.invalid/part/${wasm?.sha256}/${index}`, new Response(part));
    }
    return wasm?.sha256 ?? "";
  });
  // Ends with the page; a whole boot would cost time and show nothing more.
  const loading = load(visit).catch(() => undefined);
  // Only what passed the digest is kept as a file, and then its parts go.
  await expect.poll(() => keys(visit, digest), { timeout: 60_000 }).toEqual([`/file/${digest}`]);
  expect(ranges).toEqual([`bytes=${3 << 20}-`]);
  await fresh.close();
  await loading;
});

async function keys(visit: Page, digest: string): Promise<string[]> {
  return visit.evaluate(async (digest) => {
    const cache = await caches.open(`qingsheng-files-1 ${new URL(".", document.baseURI).href}`);
    return (await cache.keys()).map(({ url }) => new URL(url).pathname).filter((path) => path.includes(digest));
  }, digest);
}

/** Names of the page caches, and the digests of the files that are kept. */
async function cached(): Promise<{ pages: string[]; files: string[] }> {
  return page.evaluate(async () => {
    const names = await caches.keys();
    const files = names.filter((name) => name.startsWith("qingsheng-files"));
    const keys = await Promise.all(files.map(async (name) => (await caches.open(name)).keys()));
    return {
      pages: names.filter((name) => name.startsWith("qingsheng-page")),
      files: keys
        .flat()
        .map(({ url }) => url)
        .sort(),
    };
  });
}
