/** Who may use the page, and what it costs: accessibility in both languages and appearances, bytes, and a layout that stays still. */
import { readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, openReady, test } from "./fixtures.ts";
import { DIST } from "./places.ts";
import { withPreferences } from "./profile.ts";
import { Trickle } from "./trickle.ts";

test.describe.configure({ mode: "serial" });

interface Shift {
  readonly value: number;
  /** What moved, from where to where. */
  readonly moved: readonly string[];
}

declare global {
  var shifts: Shift[];
}

/** In the page, before anything is drawn. */
function watchShifts(): void {
  globalThis.shifts = [];
  interface Source {
    readonly node: Node | null;
    readonly previousRect: DOMRect;
    readonly currentRect: DOMRect;
  }
  type Entry = PerformanceEntry & { value: number; hadRecentInput: boolean; sources: readonly Source[] };
  const named = ({ node, previousRect, currentRect }: Source) => {
    const owner = node instanceof Element ? node : node?.parentElement;
    const name = owner ? [owner.localName, owner.id && `#${owner.id}`, owner.className].join(" ") : "what is gone";
    const place = ({ x, y, width, height }: DOMRect) => [x, y, width, height].map(Math.round).join(",");
    return `${name}: ${place(previousRect)} to ${place(currentRect)}`;
  };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { value, hadRecentInput, sources } = entry as Entry;
      if (!hadRecentInput) globalThis.shifts.push({ value, moved: sources.map(named) });
    }
  }).observe({ type: "layout-shift", buffered: true });
}

/** On a slow device the document is drawn while it comes in: every order of events is seen. */
async function drawnSlowly(page: Page, url: string, seen: RegExp): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  await page.goto(url);
  await expect(page.locator("#bytes-text")).toHaveText(seen, { timeout: 60_000 });
  await session.send("Emulation.setCPUThrottlingRate", { rate: 1 });
}

async function staysStill(page: Page, visit: string): Promise<void> {
  const shifts = await page.evaluate(() => globalThis.shifts);
  const sum = shifts.reduce((total, { value }) => total + value, 0);
  test.info().annotations.push({ type: `cumulative layout shift, ${visit}`, description: sum.toFixed(4) });
  const seen = shifts.flatMap(({ value, moved }) => moved.map((one) => `${value.toFixed(4)} ${one}`)).join("\n");
  // "Good" by web.dev/cls is 0.1.
  expect(sum, `${visit}: ${seen}`).toBeLessThan(0.01);
}

let page: Page;

test.beforeAll(async ({ browser, server }) => {
  const context = await browser.newContext({ serviceWorkers: "block" });
  page = await context.newPage();
  await page.addInitScript(watchShifts);
  await openReady(page, server.url);
});

test.afterAll(() => page.context().close());

test("nothing moves while the engine loads", async () => {
  await expect(page.locator("#emotions button")).toHaveCount(7);
  await staysStill(page, "desktop");
});

test("nothing moves on a slow phone either, on its first visit and its second", async ({ browser, server }) => {
  const context = await browser.newContext({ serviceWorkers: "block", viewport: { width: 360, height: 780 } });
  const visit = await context.newPage();
  await visit.addInitScript(watchShifts);
  await drawnSlowly(visit, server.url, /MB/);
  expect(await visit.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  await expect(visit.locator("#loading-cancel")).toBeInViewport({ ratio: 1 });
  await expect(visit.locator("body")).toHaveAttribute("data-app", "ready", { timeout: 90_000 });
  await staysStill(visit, "phone, first visit");
  await drawnSlowly(visit, server.url, /来自本机/);
  await staysStill(visit, "phone, second visit");
  await context.close();
});

test("who reads English sees no other words of the page, nor another appearance than the chosen one, and nothing moves", async ({
  browser,
  server,
}) => {
  const viewport = { width: 360, height: 780 };
  const context = await browser.newContext({ serviceWorkers: "block", locale: "en-GB", viewport });
  const visit = await context.newPage();
  await visit.addInitScript(watchShifts);
  await visit.addInitScript(() => {
    localStorage.setItem("qingsheng.theme", "dark");
    const seen = new Set<string>();
    Object.assign(globalThis, { seen });
    const look = () => {
      const words = [...document.querySelectorAll("[data-text], [data-first]")]
        .filter((one) => one.checkVisibility() && /\p{Script=Han}/u.test(one.textContent ?? ""))
        .map((one) => one.textContent ?? "");
      for (const one of [...words, document.documentElement.dataset.theme ?? "no theme"]) seen.add(one.trim());
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await drawnSlowly(visit, server.url, /MB/);
  const seen = await visit.evaluate(() => [...(globalThis as unknown as { seen: Set<string> }).seen]);
  // What leads to the other language is said in it.
  expect(seen.filter((one) => one !== "中文")).toEqual(["dark"]);
  await expect(visit.locator("#view-write")).toHaveText("Write");
  await staysStill(visit, "phone, English");
  await context.close();
});

test("words that come all at once are in the reader's language before anything else runs", async ({
  browser,
  server,
}) => {
  const context = await browser.newContext({ serviceWorkers: "block", locale: "en-GB" });
  const visit = await context.newPage();
  await visit.goto(server.url, { waitUntil: "commit" });
  const early = await visit.locator('head script[src*="early-"]').evaluate((script: HTMLScriptElement) => script.src);
  await visit.goto(`${server.url}player.html`);
  // Nothing else of the page is there: what the script of the head leaves would stay.
  await visit.evaluate((src) => {
    document.open();
    document.write(`<head><script src="${src}"></script></head><body><p data-en="Good morning">早上好</p></body>`);
    document.close();
  }, early);
  await expect(visit.locator("p")).toHaveText("Good morning");
  await context.close();
});

test("nothing moves while the document comes in, line by line, at any width", async ({ browser, server }) => {
  const trickle = await Trickle.start(server.url);
  const visits = [360, 640, 800, 1280].flatMap((width) => ["zh-CN", "en-GB"].map((locale) => ({ width, locale })));
  const shifts = visits.map(async ({ width, locale }) => {
    const viewport = { width, height: width === 640 ? 360 : 780 };
    const context = await browser.newContext({ serviceWorkers: "block", locale, viewport });
    const visit = await context.newPage();
    await visit.addInitScript(watchShifts);
    await visit.goto(trickle.url, { waitUntil: "domcontentloaded" });
    const painted = await visit.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
    const whole = await visit.evaluate(() => performance.now());
    // Else there was nothing to be seen moving.
    expect(painted, `${width} ${locale}`).toBeLessThan(whole - 1000);
    await staysStill(visit, `line by line, ${width} ${locale}`);
    await context.close();
  });
  await Promise.all(shifts);
  await trickle.stop();
});

/** Inside a window that was opened over the page, or in the whole. */
async function violations(inside: string | undefined): Promise<string[]> {
  // Without frames there is nothing to gather in a page of its own, which each report would open otherwise.
  const builder = new AxeBuilder({ page }).setLegacyMode();
  const { violations } = await (inside ? builder.include(inside) : builder).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target} ${failureSummary}`),
  );
}

type State = readonly [open: () => Promise<void>, leave: () => Promise<void>, inside?: string];

/** Each way the page may stand before its reader; left again by the second function. */
const STATES: Readonly<Record<string, State>> = {
  writing: [
    async () => {
      await page.click("#view-write");
      await page.locator(".more").evaluate((more: HTMLDetailsElement) => {
        more.open = true;
      });
    },
    async () => undefined,
  ],
  reading: [
    async () => {
      await page.click("#view-read");
      await expect(page.locator("#reading ruby").first()).toBeVisible();
    },
    async () => undefined,
  ],
  "a reading being corrected": [
    async () => {
      await page.locator("#reading ruby").nth(3).click();
      await expect(page.locator("#correction")).toBeVisible();
    },
    () => page.keyboard.press("Escape"),
    "#correction",
  ],
  "the export menu": [() => page.click("#save"), () => page.keyboard.press("Escape"), "#save-menu"],
  "the history": [() => page.click("#open-history"), () => page.keyboard.press("Escape"), "#history"],
  "the readings": [() => page.click("#open-words"), () => page.keyboard.press("Escape"), "#words"],
  "the shortcuts": [() => page.click("#open-help"), () => page.keyboard.press("Escape"), "#help"],
};

test("axe finds no fault in either language, by day or by night", async () => {
  test.setTimeout(600_000);
  // A sentence that was spoken, so that its curve and the history are there.
  await page.click("#speak");
  await expect(page.locator("body")).toHaveAttribute("data-app", "ready", { timeout: 60_000 });
  const found: string[] = [];
  for (const [scheme, other] of [
    ["light", "English"],
    ["dark", "中文"],
  ] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    for (const [name, [open, leave, inside]] of Object.entries(STATES)) {
      await open();
      found.push(...(await violations(inside)).map((fault) => `${scheme} ${name}: ${fault}`));
      await leave();
    }
    await page.click(`#language:text("${other}")`);
  }
  expect(found).toEqual([]);
});

test("everything can be reached by keyboard, in the order in which it stands", async () => {
  await page.click("#view-write");
  await page.locator(".more").evaluate((more: HTMLDetailsElement) => {
    more.open = true;
  });
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  const reached: string[] = [];
  await page.locator(".skip").focus();
  for (let at = 0; at < 40; at++) {
    await page.keyboard.press("Tab");
    reached.push(await page.evaluate(() => document.activeElement?.id ?? ""));
  }
  const order = ["open-book", "language", "view-write", "text", "voice", "intensity", "pad", "speak", "save"];
  expect(reached.filter((id) => order.includes(id)).slice(0, order.length)).toEqual(order);
});

test("who hears the page hears each thing once: one button to open a file, what sliders stand at, no count at every key", async () => {
  await page.click("#view-write");
  await expect(page.getByRole("button", { name: "打开文件", exact: true })).toHaveCount(1);
  const said = () =>
    page.evaluate(() =>
      ["speed", "pitch", "volume", "intensity"].map((id) => document.getElementById(id)?.ariaValueText),
    );
  await page.locator("#speed").fill("1.5");
  await page.locator("#pitch").fill("-2");
  expect(await said()).toEqual(["1.50×", "−2 半音", "100%", "100%"]);
  await page.locator("#speed").fill("1");
  await page.locator("#pitch").fill("0");
  expect(await said()).toEqual(["1.00×", "原调", "100%", "100%"]);
  for (const output of await page.locator("output").all()) await expect(output).toHaveAttribute("aria-live", "off");
});

test("who wants no motion sees none", async () => {
  const moving = () =>
    page.evaluate(() =>
      [...document.querySelectorAll("*")]
        .filter((one) => {
          const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(one);
          const turns = transitionDuration.split(",").some((each) => Number.parseFloat(each) > 0);
          return animationName !== "none" || turns || scrollBehavior === "smooth";
        })
        .map((one) => one.id || one.className || one.localName),
    );
  await page.emulateMedia({ reducedMotion: "no-preference" });
  expect(await moving()).not.toEqual([]);
  await page.emulateMedia({ reducedMotion: "reduce" });
  expect(await moving()).toEqual([]);
});

test("letters of twice the size fit a phone too, in either language", async ({ server }) => {
  const large = { webkit: { webprefs: { default_font_size: 32 } } };
  await withPreferences(large, { viewport: { width: 360, height: 740 }, serviceWorkers: "block" }, async (context) => {
    const visit = await context.newPage();
    await visit.goto(server.url);
    expect(await visit.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe("32px");
    for (const other of ["Speak", "朗读"]) {
      expect(await visit.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
      await visit.click("#language");
      await expect(visit.locator("#speak")).toHaveText(other);
    }
  });
});

test("with the colours of the reader's own it is still seen what is chosen, and how far it is", async () => {
  const look = (selector: string, property: string, part?: string) =>
    page
      .locator(selector)
      .evaluate((one, [name, part]) => getComputedStyle(one, part).getPropertyValue(name), [property, part] as const);
  await page.emulateMedia({ forcedColors: "active" });
  for (const [chosen, other] of [
    ["#emotion-auto", "#emotion-joy"],
    ["#view-write", "#view-read"],
  ] as const) {
    expect(await look(chosen, "background-color")).not.toBe(await look(other, "background-color"));
  }
  expect(await look("#progress", "border-top-style")).toBe("solid");
  expect(await look("#emotion-joy", "forced-color-adjust", "::before")).toBe("none");
  await page.emulateMedia({ forcedColors: "none" });
});

interface Listed {
  readonly path: string;
  readonly group: string;
  readonly bytes: number;
  readonly encodings: Readonly<Record<string, number>>;
}

test("what is drawn first waits for one style sheet and a very small script only, and is a small document", async ({
  browser,
  server,
}) => {
  const context = await browser.newContext({ serviceWorkers: "block" });
  const visit = await context.newPage();
  await visit.goto(server.url);
  const seen = await visit.evaluate(() => {
    const resources = performance.getEntriesByType("resource") as (PerformanceResourceTiming & {
      renderBlockingStatus?: string;
    })[];
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    return {
      blocking: resources.filter((one) => one.renderBlockingStatus === "blocking").map((one) => one.name),
      elements: document.querySelectorAll("*").length,
      painted: paint?.startTime,
    };
  });
  test.info().annotations.push({ type: "first contentful paint", description: `${Math.round(seen.painted ?? 0)} ms` });
  const blocking = seen.blocking.map((name) => new URL(name).pathname.slice(1)).sort();
  expect(blocking).toEqual([expect.stringMatching(/^assets\/early-.*\.js$/), expect.stringMatching(/\.css$/)]);
  expect(transferred(listed().filter(({ path }) => path === blocking[0]))).toBeLessThan(1000);
  // Lighthouse warns from 800 on.
  expect(seen.elements).toBeLessThan(500);
  await context.close();
});

const listed = () => (JSON.parse(readFileSync(`${DIST}/build.json`, "utf8")) as { files: Listed[] }).files;
const transferred = (files: readonly Listed[]) =>
  files.reduce((sum, { bytes, encodings }) => sum + Math.min(bytes, ...Object.values(encodings)), 0);

test("a first visit brings no more than 22 MB, voice and models included", () => {
  const catalog = JSON.parse(readFileSync(`${DIST}/models/catalog.json`, "utf8")) as { default: string };
  const groups = ["page", "runtime", "models", `voice:${catalog.default}`];
  const size = transferred(listed().filter(({ group }) => groups.includes(group)));
  test.info().annotations.push({ type: "first visit", description: `${(size / 1e6).toFixed(2)} MB` });
  expect(size).toBeGreaterThan(5e6);
  expect(size).toBeLessThan(22e6);
});

/** Everything that the page needs before it is drawn and can be used, compressed. */
test("the page's own files stay small", () => {
  const files = listed();
  const html = readFileSync(`${DIST}/index.html`, "utf8");
  const [entry] = /assets\/index-[\w-]+\.js/.exec(html) ?? [];
  const own = files.filter(({ path, group }) => group === "page" && /^(index\.html|assets\/.*\.(js|css))$/.test(path));
  expect(own.map(({ path }) => path)).toContain(entry);
  const size = transferred(own);
  test.info().annotations.push({ type: "page, compressed", description: `${size} bytes` });
  // Worker and audio player among them: a tenth of one ordinary photograph.
  expect(size).toBeLessThan(100_000);
});
