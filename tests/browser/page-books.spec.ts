/** Files that are read as books: text, EPUB, subtitles. */
import type { Page } from "@playwright/test";
import { epub } from "./archive.ts";
import { expect, openReady, test } from "./fixtures.ts";
import { lastOpened, recordWorker } from "./recorder.ts";

test.describe.configure({ mode: "serial" });

let page: Page;
const dialogs: string[] = [];

test.beforeAll(async ({ browser, server }) => {
  const context = await browser.newContext({ serviceWorkers: "block" });
  page = await context.newPage();
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await page.addInitScript(recordWorker);
  await openReady(page, server.url);
});

test.afterAll(() => page.context().close());

const file = (name: string, content: Buffer) => ({ name, mimeType: "application/octet-stream", buffer: content });
const open = (name: string, content: Buffer) => page.setInputFiles("#book-file", file(name, content));
const chapters = () => page.locator("#chapter option").allTextContents();

const paragraphs = () =>
  page.locator("#reading .paragraph p").evaluateAll((all) =>
    all.map((one) => {
      const copy = one.cloneNode(true) as Element;
      for (const extra of copy.querySelectorAll("rt")) extra.remove();
      return copy.textContent;
    }),
  );

test("an EPUB opens with its title and chapters in the order of its spine, and runs nothing of its pages", async () => {
  await open("山中记.epub", epub());
  await expect(page.locator("#book-title")).toHaveText("山中记");
  expect(await chapters()).toEqual(["上山", "下山"]);
  expect(await paragraphs()).toEqual(["上山", "天亮了。", "他走了。", "山高。"]);
  expect(dialogs).toEqual([]);
});

test("it is read chapter after chapter", async () => {
  await page.click("#speak");
  await expect(page.locator("#chapter")).toHaveValue("下山", { timeout: 60_000 });
  await expect.poll(async () => (await page.evaluate(lastOpened))?.text).toBe("下山的路很长。");
  await expect(page.locator("#reading-title")).toHaveText("朗读完毕", { timeout: 30_000 });
  await expect(page.locator("#chapter-next")).toBeDisabled();
});

test("a chapter that cannot be read is said to be broken, and the one before stays", async () => {
  const damaged = epub();
  const name = "OPS/text/two.xhtml";
  const packed = damaged.indexOf(name) + name.length;
  damaged.fill(0xff, packed, packed + 20);
  await open("破.epub", damaged);
  await expect(page.locator("#chapter")).toHaveValue("上山");
  await page.selectOption("#chapter", "下山");
  await expect(page.locator("#toast")).toHaveText("“下山”已损坏，或不是它看上去的格式。");
  await expect(page.locator("#chapter")).toHaveValue("上山");
  await page.click("#speak");
  await expect(page.locator("#reading-title")).toHaveText("朗读完毕", { timeout: 60_000 });
  await expect(page.locator("#chapter")).toHaveValue("上山");
});

test("a text file of another encoding is read, cut at its headings; the place in it is remembered", async () => {
  // "第一章 山" and "第二章 水", each with a line, in GBK.
  const gbk = Buffer.from(
    "b5dad2bbd5c220c9bd0ac9bdb8dfd4c2d0a1a1a30acbaec2e4caafb3f6a1a30ab5dab6fed5c220cbae0acbaec2e4caafb3f6a1a30a",
    "hex",
  );
  await open("山水.txt", gbk);
  await expect(page.locator("#book-title")).toHaveText("山水");
  expect(await chapters()).toEqual(["第一章 山", "第二章 水"]);
  await page.selectOption("#chapter", "第二章 水");
  await expect.poll(paragraphs).toEqual(["第二章 水", "水落石出。"]);
  await page.locator("#reading .paragraph").nth(1).hover();
  await page.locator("#reading .from").nth(1).click();
  await expect(page.locator("#place")).toHaveText("第 2 / 2 段");
  await page.click("#book-close");
  await expect(page.locator("#text")).toBeVisible();
  await open("山水.txt", gbk);
  await expect(page.locator("#chapter")).toHaveValue("第二章 水");
  await expect(page.locator("#place")).toHaveText("第 2 / 2 段");
  await page.click("#speak");
  await expect.poll(async () => (await page.evaluate(lastOpened))?.text).toBe("水落石出。");
  await page.click("#stop");
});

test("a book that was open is there again after a reload, at its place; put away it is offered, closed it is forgotten", async () => {
  await open("山中记.epub", epub());
  await page.selectOption("#chapter", "下山");
  await expect.poll(() => page.evaluate(() => localStorage.getItem("qingsheng.book"))).toContain("山中记");
  await page.reload();
  await expect(page.locator("#book-title")).toHaveText("山中记");
  await expect(page.locator("#chapter")).toHaveValue("下山");
  await expect.poll(paragraphs).toEqual(["下山的路很长。"]);
  await expect(page.locator("#reading-title")).toHaveText("上次读到这里，按“朗读”继续");
  await page.setViewportSize({ width: 360, height: 780 });
  // In two lines: title and close, and the chapters between their arrows.
  const lines = (one: string, other: string) =>
    page.evaluate(
      ([one, other]) => {
        const middle = (id: string) => {
          const { top, bottom } = document.getElementById(id)?.getBoundingClientRect() ?? new DOMRect();
          return (top + bottom) / 2;
        };
        return Math.abs(middle(one as string) - middle(other as string));
      },
      [one, other],
    );
  expect(await lines("book-title", "book-close")).toBeLessThan(4);
  expect(await lines("chapter-previous", "chapter-next")).toBeLessThan(4);
  await page.setViewportSize({ width: 1280, height: 900 });

  await page.click("#view-write");
  await expect(page.locator("#book-reopen")).toHaveText("接着读《山中记》");
  await page.reload();
  await expect(page.locator("#text")).toBeVisible();
  await page.click("#book-reopen");
  await expect(page.locator("#chapter")).toHaveValue("下山");

  await page.click("#book-close");
  await expect(page.locator("#book-kept")).toBeHidden();
  await expect(page.locator("#text")).toBeVisible();
  await page.reload();
  await expect(page.locator("#text")).toBeVisible();
  await expect(page.locator("#book-kept")).toBeHidden();
  const left = await page.evaluate(async () => {
    const result = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve) => request.addEventListener("success", () => resolve(request.result)));
    const database = await result(indexedDB.open("qingsheng-book"));
    return result(database.transaction("files").objectStore("files").count());
  });
  expect(left).toBe(0);
  await expect(page.locator("body")).toHaveAttribute("data-app", "ready", { timeout: 60_000 });
});

test("a book for which there is no room is read all the same, and said to be gone with the page", async () => {
  await page.evaluate(() => {
    const plain = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = () => {
      IDBObjectStore.prototype.put = plain;
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  await open("小.txt", Buffer.from("山高。"));
  await expect(page.locator("#toast")).toHaveText("设备上存不下这本书：刷新以后要重新打开。");
  await expect.poll(paragraphs).toEqual(["山高。"]);
  expect(await page.evaluate(() => localStorage.getItem("qingsheng.book"))).toBeNull();
});

test("subtitles are dropped in and read without their times", async () => {
  const transfer = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    const srt = "1\n00:00:01,000 --> 00:00:02,000\n<i>你好</i>\n\n2\n00:00:03,000 --> 00:00:04,000\n再见\n";
    data.items.add(new File([srt], "对白.srt"));
    return data;
  });
  await page.dispatchEvent("body", "dragover", { dataTransfer: transfer });
  await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
  await expect(page.locator("#book-title")).toHaveText("对白");
  expect(await paragraphs()).toEqual(["你好", "再见"]);
});

for (const [name, content, said] of [
  ["坏.epub", Buffer.from("no archive"), "已损坏"],
  ["图.txt", Buffer.from(Array.from({ length: 3000 }, (_, at) => (at * 7919) % 251)), "已损坏"],
  ["断.epub", epub().subarray(0, -200), "已损坏"],
  ["图.png", Buffer.from("x"), "打不开"],
  ["空.txt", Buffer.from(" \n"), "没有文字"],
] as const) {
  test(`says why ${name} cannot be read, and keeps what was open`, async () => {
    await open(name, content);
    await expect(page.locator("#toast")).toContainText(name);
    await expect(page.locator("#toast")).toContainText(said);
    await expect(page.locator("#book-title")).toHaveText("对白");
  });
}

test("a book of two million characters opens at once and does not freeze the page", async () => {
  const { longest, size } = await page.evaluate(async () => {
    const line = "山高月小，水落石出，曾日月之几何，而江山不可复识矣。\n";
    const novel = Array.from({ length: 200 }, (_, at) => `第${at + 1}章 山水\n${line.repeat(400)}`).join("");
    const data = new DataTransfer();
    data.items.add(new File([novel], "江山.txt"));
    let longest = 0;
    let last = performance.now();
    const tick = (now: number) => {
      longest = Math.max(longest, now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, dataTransfer: data }));
    while (document.querySelector("#book-title")?.textContent !== "江山" || !document.querySelector("#reading ruby")) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return { longest, size: novel.length };
  });
  expect(size).toBeGreaterThan(2_000_000);
  expect((await chapters()).length).toBe(200);
  test.info().annotations.push({ type: "longest frame", description: `${Math.round(longest)} ms` });
  // A page that drew the whole book would stand still for a minute.
  expect(longest).toBeLessThan(4000);
  expect(await page.locator("#reading ruby").count()).toBeLessThan(3000);
});

for (const [what, line, count] of [
  ["a megabyte", "山高月小，水落石出，曾日月之几何。\n", 20_000],
  ["what has thousands of short lines", "山高月小。\n", 4000],
] as const) {
  test(`${what} that is pasted is opened as a book, and the field stays as it was`, async () => {
    await page.click("#view-write");
    const before = await page.inputValue("#text");
    await page.evaluate(
      (text) => {
        const data = new DataTransfer();
        data.setData("text/plain", text);
        document
          .querySelector("#text")
          ?.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
      },
      `江上记\n${line.repeat(count)}`,
    );
    await expect(page.locator("#toast")).toHaveText("文字很长，当作书打开。");
    await expect(page.locator("#book-title")).toHaveText(/^江上记/);
    await expect(page.locator("#reading ruby").first()).toBeVisible();
    await page.click("#book-close");
    await expect(page.locator("#text")).toHaveValue(before);
  });
}

test("of several files that are dropped the first is opened, and said to be the only one", async () => {
  await page.evaluate(() => {
    const dataTransfer = new DataTransfer();
    for (const name of ["甲.txt", "乙.txt"]) dataTransfer.items.add(new File([`${name}的内容。`], name));
    document
      .querySelector("main")
      ?.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  });
  await expect(page.locator("#toast")).toHaveText("“甲.txt”已打开：一次只能读一个文件。");
  await expect(page.locator("#book-title")).toHaveText("甲");
  await page.click("#book-close");
});
