/** An app of Vite's that follows the guide: the library stays what it is, and one that was taken in is said to be. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, createServer, type InlineConfig, preview } from "vite";
import { expect, test } from "./fixtures.ts";
import { PYTHON, ROOT, SITE } from "./places.ts";

let folder: string;
const config = (): InlineConfig => ({
  root: folder,
  configFile: false,
  logLevel: "error",
  build: { target: "es2022", rolldownOptions: { input: [join(folder, "index.html"), join(folder, "taken.html")] } },
});

test.beforeAll(() => {
  const guide = readFileSync(`${ROOT}docs/embedding.md`, "utf8");
  const sample = /^```ts title="with-a-bundler.ts"\n([\s\S]*?)^```$/m.exec(guide)?.[1] ?? "";
  mkdirSync(`${ROOT}.cache/browser`, { recursive: true });
  folder = mkdtempSync(`${ROOT}.cache/browser/app-`);
  execFileSync(PYTHON, ["server.py", "export", join(folder, "public/qingsheng"), "--dist", SITE], { cwd: ROOT });
  const page = (script: string) => `<!doctype html><title>App</title><script type="module" src="/${script}"></script>`;
  writeFileSync(join(folder, "index.html"), page("main.ts"));
  writeFileSync(join(folder, "main.ts"), `${sample}document.title = "said";\n`);
  writeFileSync(join(folder, "taken.html"), page("taken.ts"));
  // As it is where the library was put among the app's own sources.
  symlinkSync(join(folder, "public/qingsheng"), join(folder, "library"));
  writeFileSync(
    join(folder, "taken.ts"),
    `import { Qingsheng } from "./library/qingsheng.js";
     Qingsheng.load().catch(({ code, remedy }) => { document.title = code + " " + remedy; });\n`,
  );
});

test.afterAll(() => rmSync(folder, { recursive: true }));

test("an app of Vite's speaks, while it is written and when it is built; a library that was taken in is said to be", async ({
  page,
}) => {
  const dev = await createServer({ ...config(), server: { port: 0, host: "127.0.0.1" } });
  try {
    await dev.listen();
    await page.goto(dev.resolvedUrls?.local[0] ?? "");
    await expect(page).toHaveTitle("said", { timeout: 90_000 });
  } finally {
    await dev.close();
  }
  await build(config());
  const built = await preview({ ...config(), preview: { port: 0, host: "127.0.0.1" } });
  try {
    const url = built.resolvedUrls?.local[0] ?? "";
    await page.goto(url);
    await expect(page).toHaveTitle("said", { timeout: 90_000 });
    await page.goto(`${url}taken.html`);
    await expect(page).toHaveTitle(/^file\.corrupt .*let no bundler take qingsheng\.js in/, { timeout: 30_000 });
  } finally {
    await built.close();
  }
});
