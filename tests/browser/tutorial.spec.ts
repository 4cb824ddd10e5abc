/** The tutorial as somebody follows it: its page, from its own blocks, beside an export, on a server of plain files. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { chromium, type Page } from "@playwright/test";
import { expect, recordRequests, test } from "./fixtures.ts";
import { PYTHON, ROOT, SITE } from "./places.ts";
import { printedAddress } from "./server.ts";

/** The titled blocks of the tutorial, by path. */
function files(): Map<string, string> {
  const text = readFileSync(`${ROOT}docs/tutorial.md`, "utf8");
  const found = text.matchAll(/^```(?:html|js) title="([^"]+)"\n([\s\S]*?)^```$/gm);
  return new Map([...found].map(([, path, content]) => [String(path), String(content)]));
}

/** The tutorial's page, on a server of plain files that can be stopped, in a browser of its own, as a reader of the tutorial has. */
async function followed(work: (page: Page, url: string, stop: () => Promise<void>) => Promise<void>, more = "") {
  const folder = mkdtempSync(join(tmpdir(), "qingsheng-tutorial-"));
  const wanted = files();
  expect([...wanted.keys()]).toEqual(["site/index.html", "site/speak.js", "site/sw.js"]);
  for (const [path, content] of wanted) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), path.endsWith("speak.js") ? `${content}${more}` : content);
  }
  execFileSync(PYTHON, ["server.py", "export", join(folder, "site/qingsheng"), "--dist", SITE], { cwd: ROOT });
  const command = ["-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory", join(folder, "site"), "0"];
  const server = spawn(PYTHON, command, { stdio: ["ignore", "pipe", "ignore"] });
  const ended = once(server, "exit");
  const stop = async () => {
    server.kill();
    await ended;
  };
  const browser = await chromium.launch(test.info().project.use.launchOptions);
  try {
    const url = await printedAddress(server, server.stdout);
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(url, { timeout: 20_000 });
    await work(page, url, stop);
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
    await stop();
    rmSync(folder, { recursive: true });
  }
}

async function speaks(page: Page): Promise<void> {
  await page.getByRole("button", { name: "朗读" }).click({ timeout: 60_000 });
  const said = page.getByRole("status");
  await expect(said).toHaveText(/^(今天|天气|真好|我们|公园)$/, { timeout: 30_000 });
  await expect(said).toHaveText("好了。", { timeout: 60_000 });
}

test("the page of the tutorial speaks", () =>
  followed(async (page, url) => {
    const asked = recordRequests(page.context());
    await page.reload();
    await speaks(page);
    expect(asked.filter((one) => !one.startsWith(url) && !one.startsWith("blob:"))).toEqual([]);
  }));

test("with its service worker it speaks without the network", () => {
  const [register] = /^navigator\.serviceWorker\.register.*$/m.exec(
    readFileSync(`${ROOT}docs/tutorial.md`, "utf8"),
  ) ?? [""];
  return followed(async (page, _url, stop) => {
    await speaks(page);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await stop();
    await page.reload();
    await speaks(page);
  }, `\n${register}\n`);
});
