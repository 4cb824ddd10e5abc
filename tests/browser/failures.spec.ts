/** What goes wrong on the way to an engine, and after. */
import type { BrowserContext, Page } from "@playwright/test";
import { codeOf, load, stream, value } from "./engine.ts";
import { expect, test } from "./fixtures.ts";

const MODEL = "**/models/silent/decoder.onnx";

async function withFreshPage<T>(context: BrowserContext, url: string, work: (page: Page) => Promise<T>): Promise<T> {
  const page = await context.newPage();
  await page.goto(`${url}healthz`);
  return work(page);
}

test.use({ serviceWorkers: "block" });

/** Several attempts with longer and longer pauses: they are waited for while the other tests run. */
let overBrokenLine: ReturnType<typeof load>;

test.beforeAll(async ({ browser, server }) => {
  const context = await browser.newContext({ serviceWorkers: "block" });
  await context.route(MODEL, (route) => route.abort("connectionreset"));
  overBrokenLine = withFreshPage(context, server.url, (page) => load(page)).finally(() => context.close());
  // Looked at last of all.
  overBrokenLine.catch(() => undefined);
});

test("a missing model is file.missing, named with what to do", async ({ context, server }) => {
  await context.route(MODEL, (route) => route.fulfill({ status: 404, contentType: "text/html", body: "<html>" }));
  const outcome = await withFreshPage(context, server.url, (page) => load(page));
  expect(outcome).toMatchObject({
    kind: "failed",
    code: "file.missing",
    message: expect.stringContaining("decoder.onnx answered 404"),
    remedy: expect.stringContaining("built folder"),
  });
});

test("a page of HTML in place of a model is file.corrupt", async ({ context, server }) => {
  await context.route(MODEL, (route) => route.fulfill({ status: 200, contentType: "text/html", body: "<html>" }));
  expect(codeOf(await withFreshPage(context, server.url, (page) => load(page)))).toBe("file.corrupt");
});

test("a model with one wrong byte is file.corrupt", async ({ context, server }) => {
  await context.route(MODEL, async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    body[100] = (body[100] ?? 0) ^ 1;
    await route.fulfill({ response, body });
  });
  expect(codeOf(await withFreshPage(context, server.url, (page) => load(page)))).toBe("file.corrupt");
});

test("a model that is cut short, or another one in its place, is file.corrupt", async ({ context, server }) => {
  for (const fault of ["short", "swapped"]) {
    await context.route(MODEL, async (route) => {
      const other = new URL("prosody.onnx", route.request().url()).href;
      const response = await route.fetch(fault === "swapped" ? { url: other } : {});
      const body = await response.body();
      await route.fulfill({ response, body: fault === "short" ? body.subarray(0, body.length - 1) : body });
    });
    const outcome = await withFreshPage(context, server.url, (page) => load(page));
    expect(outcome).toMatchObject({
      kind: "failed",
      code: "file.corrupt",
      message: expect.stringContaining("decoder.onnx"),
    });
    await context.unroute(MODEL);
  }
});

test("an unknown voice is voice.not_found before anything large is fetched", async ({ context, server }) => {
  const outcome = await withFreshPage(context, server.url, (page) => load(page, { voice: "nobody" }));
  expect(codeOf(outcome)).toBe("voice.not_found");
});

test("the page explains a failure with its code, and 重试 succeeds once the cause is gone", async ({
  page,
  server,
}) => {
  await page.route(MODEL, (route) => route.fulfill({ status: 404, body: "" }));
  await page.goto(server.url);
  await expect(page.locator("#failure")).toBeVisible({ timeout: 60_000 });
  await expect(page.locator("#failure-title")).toHaveText("服务器上缺少文件");
  await expect(page.locator("#failure-code")).toHaveText("file.missing");
  await page.unroute(MODEL);
  await page.click("#retry");
  await expect(page.locator("body")).toHaveAttribute("data-app", "ready", { timeout: 90_000 });
  await expect(page.locator("#failure")).toBeHidden();
  await page.fill("#text", "。。。");
  await page.click("#speak");
  await expect(page.locator("#failure-code")).toHaveText("text.empty");
});

test("a killed worker is worker.lost, and the next call starts another", async ({ page, server }) => {
  // Keeps a hand on the worker, as only the browser has otherwise.
  await page.addInitScript(() => {
    const workers: Worker[] = [];
    Object.assign(globalThis, { workers });
    globalThis.Worker = class extends Worker {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        workers.push(this);
      }
    };
  });
  await page.goto(`${server.url}healthz`);
  value(await load(page));
  const code = await page.evaluate(async () => {
    const long = globalThis.tts?.stream("一二三四五六七。".repeat(50));
    await long?.next();
    (globalThis as unknown as { workers: Worker[] }).workers[0]?.terminate();
    try {
      while (!(await long?.next())?.done);
      return "ended";
    } catch (error) {
      return (error as { code: string }).code;
    }
  });
  expect(code).toBe("worker.lost");
  expect(value(await stream(page, "好。")).length).toBe(1);
});

test("progress never decreases, ends at the total, goes through every stage; then dispose ends all", async ({
  page,
  server,
}) => {
  await page.goto(`${server.url}healthz`);
  const events = value(await load(page));
  const bytes = events.filter((event) => event.kind === "bytes");
  const loaded = bytes.map((event) => event.loaded);
  expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
  expect(new Set(bytes.map((event) => event.total)).size).toBe(1);
  expect(bytes.at(-1)?.loaded).toBe(bytes.at(-1)?.total);
  const stages = events.filter((event) => event.kind === "stage").map((event) => event.stage);
  expect(stages).toEqual(["runtime", "packages", "engine", "voice", "warm"]);
  expect(events.at(-1)?.kind).toBe("ready");
  await page.evaluate(() => globalThis.tts?.dispose());
  expect(codeOf(await stream(page, "好。"))).toBe("disposed");
});

test("a load can be cancelled", async ({ page, server }) => {
  await page.goto(`${server.url}healthz`);
  const code = await page.evaluate(async () => {
    const { Qingsheng } = await import(new URL("qingsheng.js", document.baseURI).href);
    const stop = new AbortController();
    const loading = Qingsheng.load({ signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    return loading.catch((error: { code: string }) => error.code);
  });
  expect(code).toBe("cancelled");
});

test("a broken line is network.failed", async () => {
  expect(codeOf(await overBrokenLine)).toBe("network.failed");
});
