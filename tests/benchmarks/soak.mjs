/**
 * Memory over many utterances: `soak(browser, url, utterances)` speaks four times as many short texts, one after another, and
 * measures the page's agent cluster between them. Growth shows as a slope, of the first stretch and of the last by themselves: at
 * first the browser still compiles what is called for the first time or often, and what leaks goes on to the end. Noise is what is
 * left around the line.
 */
const TEXTS = [
  "今天天气真好，我们一起去公园散步吧。",
  "你好！",
  "老人在树下下棋，孩子们在草地上放风筝。",
  "3.5公里有多远？",
];
const STRETCHES = 4;

export async function soak(browser, url, utterances, every) {
  const context = await browser.newContext({ serviceWorkers: "block" });
  try {
    const page = await context.newPage();
    await page.goto(`${url}healthz`);
    const taken = await page.evaluate(speakMany, {
      utterances: STRETCHES * utterances,
      every,
      texts: TEXTS,
    });
    const stretch = (first) => line(taken.filter(([n]) => n >= first && n <= first + utterances));
    const sizes = taken.map(([, bytes]) => bytes);
    const [first, last] = [stretch(0), stretch((STRETCHES - 1) * utterances)];
    return { utterances, before: (STRETCHES - 1) * utterances, first, last, most: Math.max(...sizes) };
  } finally {
    await context.close();
  }
}

async function speakMany({ utterances, every, texts }) {
  const { Qingsheng } = await import(new URL("qingsheng.js", document.baseURI).href);
  const tts = await Qingsheng.load({ threads: 1 });
  const taken = [];
  // Buffers grow to the size of the longest text first; that is no leak.
  for (const text of texts) for await (const _ of tts.stream(text.repeat(3)));
  for (let n = 0; n <= utterances; n++) {
    if (n % every === 0) taken.push([n, (await performance.measureUserAgentSpecificMemory()).bytes]);
    for await (const _ of tts.stream(texts[n % texts.length]));
  }
  await tts.dispose();
  return taken;
}

/** Least squares: bytes per utterance, and the deviation of that slope. */
function line(taken) {
  const count = taken.length;
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(taken.map(([n]) => n)), mean(taken.map(([, bytes]) => bytes))];
  const spread = taken.reduce((sum, [n]) => sum + (n - x) ** 2, 0);
  const slope = taken.reduce((sum, [n, bytes]) => sum + (n - x) * (bytes - y), 0) / spread;
  const rest = taken.reduce((sum, [n, bytes]) => sum + (bytes - y - slope * (n - x)) ** 2, 0);
  const deviation = Math.sqrt(rest / Math.max(1, count - 2) / spread);
  return { slope, deviation };
}
