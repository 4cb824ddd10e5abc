/** What the tests share: the server, and one page with a warm engine, so that few tests pay for a boot. */
import { type BrowserContext, test as base, expect, type Page } from "@playwright/test";
import { load, value } from "./engine.ts";
import { SITE } from "./places.ts";
import { SiteServer } from "./server.ts";

export interface SiteOptions {
  /** Whether the server sends the headers for cross-origin isolation. */
  isolated: boolean;
}

interface Shared {
  server: SiteServer;
  /** A page of the site, not the demonstration page, with `tts` loaded; its requests are in `asked`. */
  warm: { readonly page: Page; readonly asked: readonly string[] };
}

export const test = base.extend<object, SiteOptions & Shared>({
  isolated: [false, { option: true, scope: "worker" }],

  server: [
    async ({ isolated }, use) => {
      const server = await SiteServer.start(SITE, isolated);
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],

  warm: [
    async ({ browser, server }, use) => {
      const context = await browser.newContext({ serviceWorkers: "block" });
      const asked = recordRequests(context);
      const page = await context.newPage();
      // A page with the site's headers and nothing of its own: what an embedder starts from.
      await page.goto(`${server.url}healthz`);
      value(await load(page));
      await use({ page, asked });
      await context.close();
    },
    { scope: "worker", timeout: 180_000 },
  ],
});

export { expect };

export function recordRequests(context: BrowserContext): string[] {
  const asked: string[] = [];
  context.on("request", (request) => asked.push(request.url()));
  return asked;
}

export function foreign(asked: readonly string[], server: SiteServer): string[] {
  const origin = new URL(server.url).origin;
  return asked.filter((url) => !url.startsWith(origin) && !url.startsWith(`blob:${origin}`));
}

/** The demonstration page, once it can speak. */
export async function openReady(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await expect(page.locator("body")).toHaveAttribute("data-app", "ready", { timeout: 90_000 });
}
