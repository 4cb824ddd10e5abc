/** The page that measures on a visitor's device. */
import { readFile } from "node:fs/promises";
import { expect, test } from "./fixtures.ts";

test("measures the engine here, shows the figures, and offers them as a file", async ({
  browser,
  server,
  isolated,
}) => {
  const context = await browser.newContext({ serviceWorkers: "block", acceptDownloads: true });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(`${server.url}bench/`);
  await page.click("#start");
  await expect(page.locator("#status")).toHaveText("完成 · Done", { timeout: 100_000 });
  expect(await page.locator("#result tbody tr").count()).toBeGreaterThanOrEqual(4);
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
  const result = JSON.parse(await readFile(await download.path(), "utf8"));
  expect(download.suggestedFilename()).toMatch(/^qingsheng-bench-[\d-]+\.json$/);
  expect(result.format).toBe(1);
  expect(result.device.isolated).toBe(isolated);
  expect(result.engine.voice).toBe("silent");
  for (const { median, least, most } of [result.firstChunk, result.realTime]) {
    expect(least).toBeGreaterThan(0);
    expect(median).toBeGreaterThanOrEqual(least);
    expect(median).toBeLessThanOrEqual(most);
  }
  expect(Object.keys(result.stageSeconds)).toContain("warm");
  expect(errors).toEqual([]);
  await context.close();
});
