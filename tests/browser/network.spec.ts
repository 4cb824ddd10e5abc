/** Lines that are slow or break, servers that die in mid-download, and devices without room or with storage refused. */
import type { BrowserContext, Page } from "@playwright/test";
import { expect, openReady, test } from "./fixtures.ts";
import { Line } from "./line.ts";
import { SITE } from "./places.ts";
import { withPreferences } from "./profile.ts";
import { SiteServer } from "./server.ts";

const ready = (page: Page) => expect(page.locator("body")).toHaveAttribute("data-app", "ready", { timeout: 90_000 });

async function speaks(page: Page): Promise<void> {
  await page.fill("#text", "今天天气真好。");
  await page.click("#speak");
  await expect(page.locator("#reading mark")).not.toBeEmpty();
  await expect(page.locator("#reading-title")).toHaveText("朗读完毕", { timeout: 30_000 });
}

/** Ranges that the visit asked for. */
function ranges(context: BrowserContext): string[] {
  const asked: string[] = [];
  context.on("request", (request) => {
    const { range } = request.headers();
    if (range) asked.push(range);
  });
  return asked;
}

async function share(page: Page): Promise<number> {
  return page.locator("#bytes").evaluate((bar: HTMLProgressElement) => bar.value);
}

test("a server that is killed in mid-download and comes back is waited for, and the files go on from where they were", async ({
  browser,
  isolated,
}) => {
  const server = await SiteServer.start(SITE, isolated);
  const line = await Line.start(server.url);
  const context = await browser.newContext({ serviceWorkers: "block" });
  const asked = ranges(context);
  const page = await context.newPage();
  await page.goto(line.url);
  line.bytesPerSecond = 3e6;
  await expect.poll(() => share(page), { intervals: [50] }).toBeGreaterThan(0.3);
  await server.stop();
  // With it goes what lay in the buffers of its machine.
  line.cut();
  const reached = await share(page);
  await server.restart(SITE);
  line.bytesPerSecond = Number.POSITIVE_INFINITY;
  await ready(page);
  expect(reached).toBeLessThan(1);
  expect(asked.length).toBeGreaterThan(0);
  await speaks(page);
  // Its files are kept, but no service worker was allowed to serve them without a network.
  await expect(page.locator("#offline")).toHaveText("仅在线可用");
  await context.close();
  await line.stop();
  await server.stop();
});

test("on a slow line the page says how far it is, the download can be cancelled and taken up again", async ({
  browser,
  server,
}) => {
  const line = await Line.start(server.url);
  const context = await browser.newContext({ serviceWorkers: "block" });
  const asked = ranges(context);
  const page = await context.newPage();
  await page.goto(line.url);
  line.bytesPerSecond = 2e6;
  const seen = new Set<string>();
  await expect
    .poll(
      async () => {
        seen.add((await page.locator("#bytes-text").textContent()) ?? "");
        return share(page);
      },
      { intervals: [100] },
    )
    .toBeGreaterThan(0.3);
  expect(seen.size).toBeGreaterThan(3);
  await page.click("#speak");
  await expect(page.locator("#speak")).toHaveText("好了就读");
  await page.click("#speak");
  await expect(page.locator("#speak")).toHaveText("朗读");
  await page.click("#loading-cancel");
  await expect(page.locator("#failure-code")).toHaveText("cancelled");
  const carried = line.carried;
  await page.waitForTimeout(700);
  // What lay in buffers on the way, no more.
  expect(line.carried - carried).toBeLessThan(1.5e6);
  await page.click("#retry");
  // Who does not want to wait says so, and hears it as soon as it can be heard.
  await page.click("#speak");
  await expect(page.locator("#speak")).toHaveText("好了就读");
  line.bytesPerSecond = Number.POSITIVE_INFINITY;
  await expect(page.locator("body")).toHaveAttribute("data-app", "playing", { timeout: 90_000 });
  await page.click("#stop");
  await page.click("#view-write");
  expect(asked.length).toBeGreaterThan(0);
  await speaks(page);
  await context.close();
  await line.stop();
});

test("a full device costs the offline use, not the voice", async ({ browser, server }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  const origin = new URL(server.url).origin;
  await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 2_000_000 });
  await openReady(page, server.url);
  await expect(page.locator("#offline")).toHaveText("仅在线可用");
  await speaks(page);
  await page.reload();
  await ready(page);
  await speaks(page);
  await context.close();
});

test("with all storage refused the page speaks, and says that it forgets", async ({ server }) => {
  // As a visitor does who blocks the site's data: the setting of the browser itself.
  const blocked = { profile: { default_content_setting_values: { cookies: 2 } } };
  await withPreferences(blocked, {}, async (context) => {
    const page = await context.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await openReady(page, server.url);
    const refused = await page.evaluate(() => {
      const fails = (work: () => unknown) => {
        try {
          work();
          return false;
        } catch {
          return true;
        }
      };
      return fails(() => localStorage.length);
    });
    expect(refused).toBe(true);
    await expect(page.locator("#offline")).toHaveText("仅在线可用");
    await speaks(page);
    await page.click("#view-write");
    await page.locator("#speed").fill("1.5");
    await page.click("#theme");
    await page.click("#language");
    await expect(page.locator("#speak")).toHaveText("Speak");
    expect(errors).toEqual([]);
  });
});

test("an address that is not secure is said to be that, before anything large is fetched", async ({ server }) => {
  const { launchOptions } = test.info().project.use;
  const args = [...(launchOptions?.args ?? []), "--host-resolver-rules=MAP tts.test 127.0.0.1"];
  await withPreferences({}, { args }, async (context) => {
    const asked: string[] = [];
    context.on("request", (request) => asked.push(request.url()));
    const page = await context.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    const url = new URL(server.url);
    url.hostname = "tts.test";
    await page.goto(url.href);
    await expect(page.locator("#failure-title")).toHaveText("这个地址不安全");
    await expect(page.locator("#failure-code")).toHaveText("page.insecure");
    await page.goto(`${url.href}examples/player.html`);
    await page.getByRole("button", { name: "朗读" }).click();
    await expect(page.getByRole("status")).toHaveText("不能朗读：这个地址不安全");
    expect(asked.filter((one) => /\.(wasm|whl|onnx)$/.test(one))).toEqual([]);
    expect(errors).toEqual([]);
  });
});
