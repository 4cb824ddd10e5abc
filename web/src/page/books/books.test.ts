import { expect, it } from "vitest";
import { decodeText } from "./encoding.ts";
import { subtitleBook } from "./subtitle-book.ts";
import { textBook } from "./text-book.ts";

const part = (number: number) => `第 ${number} 部分`;
const texts = async (book: ReturnType<typeof textBook>) => Promise.all(book.chapters.map((chapter) => chapter.text()));

it("reads UTF-8, GB 18030 and UTF-16, with marks and without", () => {
  expect(decodeText(new TextEncoder().encode("\ufeff重庆"))).toBe("重庆");
  // 重庆 in GBK, and 㐂 (U+3402), which only the four bytes of GB 18030 can write.
  expect(decodeText(Uint8Array.of(0xd6, 0xd8, 0xc7, 0xec, 0x81, 0x39, 0xef, 0x31))).toBe("重庆㐂");
  expect(decodeText(Uint8Array.of(0xff, 0xfe, 0xcd, 0x91))).toBe("重");
  expect(decodeText(Uint8Array.of(0xfe, 0xff, 0x91, 0xcd))).toBe("重");
});

it("knows UTF-16 without a mark by its line ends, and Big5 by what reads like Chinese", () => {
  const source = "第一章\n春天来了，3月的院子。\n";
  const little = Uint8Array.from([...source].flatMap((one) => [one.charCodeAt(0) & 0xff, one.charCodeAt(0) >> 8]));
  expect(decodeText(little)).toBe(source);
  expect(decodeText(little.map((_, index) => little[index ^ 1] ?? 0))).toBe(source);
  // 春天來了，我們的家。 in Big5.
  const big5 = "ac4ba4d1a8d3a446a141a7daadccaabaae61a143";
  expect(decodeText(Uint8Array.from(big5.match(/../g) ?? [], (hex) => Number.parseInt(hex, 16)))).toBe(
    "春天來了，我們的家。",
  );
});

it("takes a file that is no text for none", () => {
  expect(decodeText(Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256))).toBeUndefined();
});

it("finds the chapters of a novel by their headings, and loses nothing", async () => {
  const source = "序章\n很久以前。\n第一章 出发\n他走了。第二章他没写完。\n\n第二十回　归来\n他回来了。";
  const book = textBook("小说", source, part);
  expect(book.chapters.map(({ title }) => title)).toEqual(["序章", "第一章 出发", "第二十回　归来"]);
  expect((await texts(book)).join("")).toBe(source);
});

it("cuts a long text without headings into parts at lines", async () => {
  const source = "山高月小，水落石出。\n".repeat(9000);
  const book = textBook("长文", source, part);
  expect(book.chapters.length).toBeGreaterThan(3);
  expect(book.chapters[1]?.title).toBe("第 2 部分");
  const all = await texts(book);
  expect(all.join("")).toBe(source);
  for (const text of all) expect(text.endsWith("\n")).toBe(true);
});

it("reads subtitles without numbers, times and tags", async () => {
  const srt =
    "1\r\n00:00:01,000 --> 00:00:02,000\r\n<i>你好</i>\r\n世界\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\n{\\an8}再见 &amp; 走\r\n";
  expect(await subtitleBook("片", srt).chapters[0]?.text()).toBe("你好，世界\n再见 & 走");
  const vtt = "WEBVTT\n\nNOTE 别读\n\nintro\n00:01.000 --> 00:02.000 align:start\n<v 甲>开始。\n";
  expect(await subtitleBook("片", vtt).chapters[0]?.text()).toBe("开始。");
});
