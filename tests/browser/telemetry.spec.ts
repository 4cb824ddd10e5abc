/** Figures of speech, from the page to `/metrics`: only where they are wanted, kept while offline, never a text. */
import { expect, openReady, test } from "./fixtures.ts";
import { SITE } from "./places.ts";
import { SiteServer } from "./server.ts";

const TEXT = "你好，世界。";

async function metric(server: SiteServer, name: string): Promise<number> {
  const text = await (await fetch(`${server.url}metrics`)).text();
  const line = text.split("\n").find((each) => each.startsWith(`${name} `));
  return line ? Number(line.split(" ").at(-1)) : 0;
}

const FINISHED = 'tts_streams_total{model="silent",outcome="finished"}';

test("speech moves the server's metrics; offline it waits on the device, and is sent later", async ({
  browser,
  isolated,
}) => {
  test.setTimeout(240_000);
  const server = await SiteServer.start(SITE, isolated, ["--telemetry"]);
  const context = await browser.newContext();
  const bodies: string[] = [];
  context.on("request", (request) => {
    if (request.url().endsWith("/api/telemetry")) bodies.push(request.postData() ?? "");
  });
  try {
    const page = await context.newPage();
    await openReady(page, server.url);
    const speak = () =>
      page.evaluate(async (text) => {
        const { Qingsheng, startTelemetry } = await import(new URL("qingsheng.js", document.baseURI).href);
        const holder = globalThis as { spoken?: Promise<{ toWav(text: string): Promise<unknown> }> };
        holder.spoken ??= Qingsheng.load({ observer: startTelemetry() });
        await (await holder.spoken)?.toWav(text);
      }, TEXT);
    const leave = () => page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide")));
    await speak();
    // What is noted down is written to the device first, which takes a moment.
    await expect
      .poll(async () => {
        await leave();
        return metric(server, FINISHED);
      })
      .toBe(1);
    expect(await metric(server, 'tts_stream_chunks_total{model="silent"}')).toBeGreaterThan(0);
    expect(await metric(server, 'tts_boot_stage_seconds_count{stage="runtime"}')).toBeGreaterThan(0);
    expect(await metric(server, 'tts_error_total{code="worker.lost",model="other"}')).toBe(0);

    await context.setOffline(true);
    await speak();
    await speak();
    await expect.poll(() => waiting(page)).toBeGreaterThanOrEqual(2);
    expect(await metric(server, FINISHED)).toBe(1);
    await context.setOffline(false);
    // Chromium tells of the network's return itself; the event stands for it where it does not.
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await expect.poll(() => metric(server, FINISHED), { timeout: 30_000 }).toBe(3);
    await expect.poll(() => waiting(page)).toBe(0);
    expect(bodies.length).toBeGreaterThan(0);
    for (const body of bodies) expect(body).not.toMatch(/[一-鿿]/);
  } finally {
    await context.close();
    await server.stop();
  }
});

/** How many events lie in IndexedDB. */
function waiting(page: import("@playwright/test").Page): Promise<number> {
  return page.evaluate(async () => {
    const [found] = (await indexedDB.databases()).filter(({ name }) => name?.startsWith("qingsheng-telemetry"));
    if (!found?.name) return 0;
    const result = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve) => request.addEventListener("success", () => resolve(request.result)));
    const database = await result(indexedDB.open(found.name));
    const count = await result(database.transaction("events").objectStore("events").count());
    database.close();
    return count;
  });
}

test("where nobody asks for figures, nothing is kept and nothing is sent", async ({ context, page, server }) => {
  const asked: string[] = [];
  context.on("request", (request) => asked.push(`${request.method()} ${request.url()}`));
  await openReady(page, server.url);
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide")));
  expect(asked.filter((each) => each.startsWith("POST"))).toEqual([]);
  expect(await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).not.toContainEqual(
    expect.stringContaining("telemetry"),
  );
});
