/**
 * Measures the built site in system Chromium and prints one JSON object.
 *
 * node tests/benchmarks/browser.mjs '{"python": "...", "sites": {"int8": "...", "float32": "..."}, "runs": 5,
 *   "networks": "<folder>", "utterances": 300}'
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Worker as Thread } from "node:worker_threads";
import { chromium } from "@playwright/test";
import { rivals } from "./rivals.mjs";
import { soak } from "./soak.mjs";

const options = JSON.parse(process.argv[2]);
const SENTENCE = "今天天气真好，我们一起去公园散步吧。";
const PARAGRAPH =
  "春天来了，公园里的花都开了。老人在树下下棋，孩子们在草地上放风筝。远处传来一阵笑声，让人觉得生活其实很简单。";
/** What somebody has read aloud: as long as a page of a book for children. */
const PAGE =
  "清晨的菜市场最有人气。卖豆腐的老王推着小车，一边走一边吆喝。隔壁卖鱼的小伙子动作麻利，三两下就把一条鲤鱼收拾得干干净净。我喜欢在这样的早晨慢慢地逛，" +
  "听听大家讨价还价。有时候会碰上多年不见的老邻居，两个人站在路边能聊上半个钟头。" +
  PARAGRAPH +
  "傍晚的时候，天边的云被染成了金色，街上的灯一盏一盏地亮起来。";
const LAUNCH = {
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    // Without it the browser waits for a garbage collection of its own choosing before it answers.
    "--enable-blink-features=ForceEagerMeasureMemory",
  ],
};

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

async function serve(site) {
  const child = spawn(options.python, ["server.py", "--port", "0", "--dist", site], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  // Its output is read to the end: a server that cannot write ends.
  const url = await new Promise((resolve, reject) => {
    let printed = "";
    child.stdout.on("data", (piece) => {
      printed += piece;
      const found = /http:\/\/\S+/.exec(printed)?.[0];
      if (found) resolve(found);
    });
    child.once("exit", () => reject(new Error(`the server ended early: ${printed}`)));
  });
  return { url, stop: () => stop(child) };
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
/** Median, least and greatest. */
const spread = (values) => ({ median: median(values), least: Math.min(...values), most: Math.max(...values) });

/** An engine in a page that holds nothing else; gives seconds and stages of its load. */
async function load(page, threads) {
  return page.evaluate(async (threads) => {
    const began = performance.now();
    const { Qingsheng } = await import(new URL("qingsheng.js", document.baseURI).href);
    let ready;
    globalThis.tts = await Qingsheng.load({
      ...(threads && { threads }),
      onProgress: (event) => {
        if (event.kind === "ready") ready = event;
      },
    });
    return { seconds: (performance.now() - began) / 1000, stages: ready.stageSeconds };
  }, threads);
}

async function speak(page, text, times) {
  return page.evaluate(
    async ({ text, times }) => {
      const rows = [];
      for (let n = 0; n < times; n++) {
        const began = performance.now();
        let first = 0;
        let work = 0;
        let sound = 0;
        for await (const chunk of globalThis.tts.stream(text)) {
          first ||= performance.now() - began;
          work += chunk.synthesisSeconds;
          sound += chunk.samples.length / chunk.sampleRate;
        }
        rows.push({ first: first / 1000, total: (performance.now() - began) / 1000, work, sound });
      }
      return rows;
    },
    { text, times },
  );
}

function summary(rows) {
  return {
    first_chunk_s: median(rows.map((r) => r.first)),
    real_time_factor: median(rows.map((r) => r.total / r.sound)),
    first_chunk: spread(rows.map((r) => r.first)),
    real_time: spread(rows.map((r) => r.total / r.sound)),
    sound_s: median(rows.map((r) => r.sound)),
  };
}

/** The site as long as `use` needs it, in a fresh profile. */
async function onSite(browser, site, use, profile = { serviceWorkers: "block" }) {
  const server = await serve(site);
  const context = await browser.newContext(profile);
  try {
    return await use(context, server);
  } finally {
    await context.close();
    await server.stop();
  }
}

/** A page with an engine, and what its load took. */
async function withEngine(context, { url }, threads) {
  const page = await context.newPage();
  await page.goto(`${url}healthz`);
  return { page, boot: await load(page, threads) };
}

/**
 * How much more of the same arithmetic two threads do than one, in the same time: what a second core is worth at this moment.
 * On a machine shared with others that is anything from 1 to 2.
 */
async function secondCore(threads) {
  const done = async (workers) => {
    const began = performance.now();
    await Promise.all(workers.map(product));
    return (workers.length / (performance.now() - began)) * 1000;
  };
  const one = await done(threads.slice(0, 1));
  return (await done(threads)) / one;
}

/** A product of matrices, over and over, in a thread of its own; each message asks for one lot. */
function products() {
  const lot = `const { parentPort } = require("node:worker_threads");
    const n = 128, [a, b, c] = [1, 2, 3].map((k) => new Float32Array(n * n).fill(1 / k));
    parentPort.on("message", () => {
      for (let times = 0; times < 60; times++)
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) {
            let sum = 0;
            for (let k = 0; k < n; k++) sum += a[i * n + k] * b[j * n + k];
            c[i * n + j] = sum;
          }
      parentPort.postMessage(c[0]);
    });`;
  return new Thread(lot, { eval: true });
}

function product(thread) {
  return new Promise((resolve) => {
    thread.once("message", resolve);
    thread.postMessage("go");
  });
}

/**
 * Engines of several sites and numbers of threads (0: all that there are), each in a page of its own, in turns: the machine is the
 * same for all. sides: by name, site and threads; those of the first site speak `PAGE` too. The first one's load is told, and what a
 * second core was worth meanwhile.
 */
async function inTurns(browser, sides) {
  const servers = new Map();
  const cores = [products(), products()];
  const context = await browser.newContext({ serviceWorkers: "block" });
  try {
    const taken = {};
    for (const [name, [site, threads]] of Object.entries(sides)) {
      if (!servers.has(site)) servers.set(site, await serve(site));
      const texts = {
        paragraph: PARAGRAPH,
        sentence: SENTENCE,
        ...(servers.size === 1 && { page: PAGE, chapter: PAGE.repeat(3) }),
      };
      const rows = Object.fromEntries(Object.keys(texts).map((text) => [text, []]));
      taken[name] = { ...(await withEngine(context, servers.get(site), threads)), texts, rows };
    }
    const gains = [];
    // Three times as many as elsewhere: what is compared differs by less than the machine from one minute to the next.
    for (let round = 0; round <= 3 * options.runs; round++) {
      const gain = await secondCore(cores);
      for (const { page, texts, rows } of Object.values(taken)) {
        for (const [name, text] of Object.entries(texts)) {
          const spoken = await speak(page, text, 1);
          // The first round warms.
          if (round > 0) rows[name].push(...spoken);
        }
      }
      if (round > 0) gains.push(gain);
    }
    const told = Object.entries(taken).map(([name, { boot, rows }]) => [
      name,
      { boot, ...Object.fromEntries(Object.entries(rows).map(([text, of]) => [text, summary(of)])) },
    ]);
    return { ...Object.fromEntries(told), second_core: spread(gains) };
  } finally {
    await context.close();
    for (const server of servers.values()) await server.stop();
    await Promise.all(cores.map((thread) => thread.terminate()));
  }
}

/**
 * Peak of the page's agent cluster while a text of 2,000 characters is spoken, with the models of the front end. threads: as `load`
 * has it, 0 for all; with more than one there are two decoders.
 */
const memory = (browser, site, threads) =>
  onSite(browser, site, async (context, server) => {
    const { page } = await withEngine(context, server, threads);
    return page.evaluate(
      async (text) => {
        const taken = [];
        const measureOnce = async () => taken.push((await performance.measureUserAgentSpecificMemory()).bytes);
        // They come after the voice; this waits for them.
        await globalThis.tts.infer("你好。").catch(() => undefined);
        await measureOnce();
        let chunks = 0;
        for await (const _ of globalThis.tts.stream(text)) if (++chunks % 8 === 0) await measureOnce();
        await measureOnce();
        return { idle: taken[0], peak: Math.max(...taken), samples: taken.length };
      },
      PARAGRAPH.repeat(Math.ceil(2000 / PARAGRAPH.length)).slice(0, 2000),
    );
  });

/** Memory after each of ten changes between two voices, and one before that to have had both. */
const changes = (browser, site) =>
  onSite(browser, site, async (context, server) => {
    const { page } = await withEngine(context, server, 1);
    return page.evaluate(async (text) => {
      const voices = [...new Set((await globalThis.tts.voices()).map(({ id }) => id.split("/")[0]))].slice(0, 2);
      await globalThis.tts.infer("你好。").catch(() => undefined);
      const taken = [];
      for (let n = 0; n <= 12; n++) {
        for await (const _ of globalThis.tts.stream(text, { voice: voices[n % voices.length] }));
        if (n > 1) taken.push((await performance.measureUserAgentSpecificMemory()).bytes);
      }
      return { voices, taken };
    }, SENTENCE);
  });

/**
 * First visit to the page, then further ones with the server stopped: seconds until it can speak. The second visit is apart from
 * those after it, which have the compiled code that it leaves in the browser.
 */
const visits = (browser, site) =>
  onSite(
    browser,
    site,
    async (context, server) => {
      const page = await context.newPage();
      const timed = async (go) => {
        const began = performance.now();
        await go();
        await page.waitForSelector('body[data-app="ready"]', { timeout: 120_000 });
        const seconds = (performance.now() - began) / 1000;
        // A visit lasts a while: it reads the other models, and the browser writes down what it compiled.
        await page.waitForTimeout(4000);
        return seconds;
      };
      const first = await timed(() => page.goto(server.url));
      await page.evaluate(() => navigator.serviceWorker.ready);
      await page.waitForFunction(() => navigator.serviceWorker.controller !== null, null, { timeout: 60_000 });
      await server.stop();
      const second = await timed(() => page.reload());
      const later = [];
      for (let n = 0; n < 5; n++) later.push(await timed(() => page.reload()));
      return { first_s: first, second_s: second, later: spread(later) };
    },
    {},
  );

const browser = await chromium.launch(LAUNCH);
const result = { chromium: browser.version() };
try {
  result.visits = await visits(browser, options.sites.int8);
  const { int8, float32, lite } = options.sites;
  const sides = { int8_1: [int8, 1], int8_all: [int8, 0], float32_1: [float32, 1], ...(lite && { lite_1: [lite, 1] }) };
  Object.assign(result, await inTurns(browser, sides));
  result.memory = await memory(browser, options.sites.int8, 1);
  result.memory_all = await memory(browser, options.sites.int8, 0);
  result.changes = await changes(browser, options.sites.int8);
  const server = await serve(options.sites.int8);
  try {
    const taken = await rivals(browser, server.url, options.networks, PARAGRAPH, options.runs);
    result.rivals = Object.fromEntries(Object.entries(taken).map(([name, values]) => [name, spread(values)]));
    result.soak = await soak(browser, server.url, options.utterances, Math.ceil(options.utterances / 80) * 4);
  } finally {
    await server.stop();
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(result));
