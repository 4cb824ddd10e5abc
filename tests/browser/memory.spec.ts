/** What stays in memory and what goes: voices that take each other's place, utterances that were spoken. */
import type { BrowserContext, Page } from "@playwright/test";
import { load, value } from "./engine.ts";
import { expect, test } from "./fixtures.ts";
import type { SiteServer } from "./server.ts";
import { WorkerHeap } from "./worker-heap.ts";

const TEXT = "今天天气很好，我们出去走走。";

const small = ({ heap, buffers }: { heap: number; buffers: number }) => heap < 30_000 && buffers < 30_000;

async function open(context: BrowserContext, server: SiteServer): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${server.url}healthz`);
  value(await load(page));
  return page;
}

test("a voice takes the place of another, whose speakers stay in the list, and comes back", async ({
  browser,
  server,
}) => {
  const context = await browser.newContext({ serviceWorkers: "block" });
  try {
    const page = await open(context, server);
    const seen = await page.evaluate(async (text) => {
      const { tts } = globalThis;
      if (!tts) throw new Error("no engine was loaded");
      const told = async () => (await tts.voices()).map(({ id, loaded }) => `${id} ${loaded}`).sort();
      const length = async (voice: string) => {
        let sum = 0;
        for await (const { samples } of tts.stream(text, { voice })) sum += samples.length;
        return sum;
      };
      const lists = [await told()];
      const lengths: number[] = [];
      // A stream that is under way keeps its voice while another one takes its place.
      const under = tts.stream(text.repeat(3), { voice: "silent" });
      await under.next();
      for (const voice of ["matcha", "silent", "matcha", "silent/high", "silent"]) {
        lengths.push(await length(voice));
        lists.push(await told());
      }
      let rest = 0;
      for await (const _ of under) rest += 1;
      return { lists, lengths, rest };
    }, TEXT);
    const [atFirst, matcha, silent] = seen.lists;
    expect(atFirst).toEqual(["matcha false", "silent true", "silent/high true"]);
    expect(matcha).toEqual(["matcha true", "silent false", "silent/high false"]);
    expect(silent).toEqual(atFirst);
    expect(seen.lists.slice(3)).toEqual([matcha, silent, silent]);
    expect(seen.lengths[0]).toBe(seen.lengths[2]);
    expect(seen.lengths[1]).toBe(seen.lengths[4]);
    expect(seen.rest).toBeGreaterThan(1);
  } finally {
    await context.close();
  }
});

test("what was spoken leaves nothing behind", async ({ browser, server }) => {
  const context = await browser.newContext({ serviceWorkers: "block" });
  try {
    const page = await context.newPage();
    const heap = await WorkerHeap.watch(page, "qingsheng");
    await page.goto(`${server.url}healthz`);
    value(await load(page));
    const speak = (times: number) =>
      page.evaluate(async (times) => {
        const texts = [
          "今天天气真好，我们一起去公园散步吧。",
          "你好！",
          "3.5公里有多远？",
          "<speak>一<mark name='a'/>二</speak>",
        ];
        for (let n = 0; n < times; n++) for await (const _ of globalThis.tts?.stream(texts[n % 4] ?? "") ?? []);
      }, times);
    await speak(40);
    // Code that is compiled and what is learned of it also take room, for a few hundred utterances; what is left behind takes it
    // for ever. A chunk's samples and times are tens of kilobytes: one in eighty left behind would show in every round.
    const grown: { heap: number; buffers: number }[] = [];
    let before = await heap.size();
    while (grown.length < 6 && !grown.some(small)) {
      await speak(80);
      const after = await heap.size();
      grown.push({
        heap: after.usedSize - before.usedSize,
        buffers: after.backingStorageSize - before.backingStorageSize,
      });
      before = after;
    }
    const description = grown.map((each) => `${each.heap} + ${each.buffers}`).join(", ");
    test.info().annotations.push({ type: "bytes of heap and buffers, each 80 utterances", description });
    expect(grown.some(small), description).toBe(true);
  } finally {
    await context.close();
  }
});
