/** A browser whose settings its user has changed. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, test } from "@playwright/test";

type Options = Parameters<typeof chromium.launchPersistentContext>[1];

/** preferences: as Chromium keeps them. */
export async function withPreferences(
  preferences: object,
  options: Options,
  use: (context: BrowserContext) => Promise<void>,
): Promise<void> {
  const profile = await mkdtemp(join(tmpdir(), "qingsheng-profile-"));
  await mkdir(join(profile, "Default"));
  await writeFile(join(profile, "Default", "Preferences"), JSON.stringify(preferences));
  const { launchOptions } = test.info().project.use;
  const context = await chromium.launchPersistentContext(profile, { ...launchOptions, locale: "zh-CN", ...options });
  await use(context);
  await context.close();
  await rm(profile, { recursive: true });
}
