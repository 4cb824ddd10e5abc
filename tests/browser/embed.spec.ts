/** What other pages embed: the element, the stand-in for speechSynthesis, the frame, and the examples as they stand. */
import type { Page } from "@playwright/test";
import type { QingshengPlayer } from "../../web/src/embed/player.ts";
import type { QingshengUtterance } from "../../web/src/embed/speech-synthesis.ts";
import { expect, recordRequests, test } from "./fixtures.ts";
import { lastOpened, recordWorker } from "./recorder.ts";

test.describe.configure({ mode: "serial" });

let page: Page;
let asked: string[];
const errors: string[] = [];

test.beforeAll(async ({ browser }) => {
  const context = await browser.newContext({ serviceWorkers: "block" });
  asked = recordRequests(context);
  page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(error.message));
  await page.addInitScript(recordWorker);
});

test.afterAll(() => page.context().close());

const opened = () => page.evaluate(lastOpened);

test("the element speaks its text with its attributes, marks the words and says what happens", async ({ server }) => {
  await page.goto(`${server.url}examples/player.html`);
  const player = page.locator("qingsheng-player");
  await expect(player).toHaveAttribute("data-state", "idle");
  // Nothing large is fetched before anybody wants to hear anything.
  expect(asked.filter((url) => /\.(wasm|whl|onnx)$/.test(url))).toEqual([]);
  await player.evaluate((element) => {
    const seen: string[] = [];
    Object.assign(globalThis, { seen });
    for (const name of ["ready", "start", "pause", "resume", "boundary", "end", "error"]) {
      document.addEventListener(`qingsheng-${name}`, (event) => {
        const { detail } = event as CustomEvent<{ text?: string } | null>;
        seen.push(detail?.text ?? name);
      });
    }
    return element.shadowRoot?.querySelectorAll("[part]").length;
  });
  await player.getByRole("button", { name: "朗读" }).click();
  await expect(player).toHaveAttribute("data-state", "playing", { timeout: 90_000 });
  await player.getByRole("button", { name: "暂停" }).click();
  await expect(player).toHaveAttribute("data-state", "paused");
  await player.getByRole("button", { name: "继续" }).click();
  await expect(player.locator("mark")).not.toBeEmpty();
  await expect(player).toHaveAttribute("data-state", "idle", { timeout: 30_000 });
  const seen = await page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen);
  expect(seen.filter((one) => !/\p{Script=Han}/u.test(one))).toEqual(["ready", "start", "pause", "resume", "end"]);
  expect(seen.filter((one) => /\p{Script=Han}/u.test(one)).join("")).toBe("太好了我们终于到了重庆");
  expect(await opened()).toMatchObject({
    text: "太好了！我们终于到了重庆。",
    options: { emotion: "joy", intensity: 0.8 },
  });
});

test("the element takes a text from elsewhere, shows what it is told to, and explains a failure", async ({
  server,
}) => {
  await page.route("**/story.txt", (route) => route.fulfill({ contentType: "text/plain", body: "从前有座山。" }));
  const spoken = page.evaluate(async () => {
    const player = document.createElement("qingsheng-player") as QingshengPlayer;
    player.setAttribute("src", "../story.txt");
    player.setAttribute("controls", "play");
    player.lang = "en";
    document.body.append(player);
    const buttons = [...(player.shadowRoot?.querySelectorAll("button") ?? [])].filter((one) => !one.hidden);
    const ended = new Promise((resolve) => player.addEventListener("qingsheng-end", resolve));
    await player.play();
    await ended;
    const failed = new Promise<string>((resolve) =>
      player.addEventListener("qingsheng-error", ({ detail }) => resolve(detail.code)),
    );
    player.setAttribute("src", "../missing.txt");
    await player.play();
    return { shown: buttons.map((one) => one.textContent), code: await failed };
  });
  expect(await spoken).toEqual({ shown: ["Speak"], code: "network.failed" });
  expect((await opened())?.text).toBe("从前有座山。");
  expect(asked.every((url) => url.startsWith(new URL(server.url).origin) || url.startsWith("blob:"))).toBe(true);
});

/** A player on the page, and what it says, as a list of names and codes. */
async function addPlayer(html: string): Promise<void> {
  await page.evaluate((html) => {
    document.querySelector("#stage")?.remove();
    const stage = document.createElement("div");
    stage.id = "stage";
    const told: string[] = [];
    Object.assign(globalThis, { told });
    for (const name of ["start", "pause", "resume", "end", "error"]) {
      stage.addEventListener(`qingsheng-${name}`, (event) =>
        told.push((event as CustomEvent<{ code?: string } | null>).detail?.code ?? name),
      );
    }
    document.body.append(stage);
    stage.setHTMLUnsafe(html);
  }, html);
}

const told = () => page.evaluate(() => (globalThis as unknown as { told: string[] }).told);
const spoken = () =>
  page.evaluate(() => globalThis.sent.flatMap((message) => (message.type === "open" ? [message.options] : [])));
const LONG = "今天天气很好，我们一起去公园看花。".repeat(6);

test("a failure is told in the language of the page, also in a shadow tree", async ({ server }) => {
  await page.goto(`${server.url}examples/player.html`);
  // The page's own language is Chinese, that of the part around the tree is not.
  await addPlayer(
    `<div lang="en"><template shadowrootmode="open"><qingsheng-player voice="nope" text="好。"></qingsheng-player></template></div>`,
  );
  const player = page.locator("#stage qingsheng-player");
  const status = player.getByRole("status");
  await expect(player.getByRole("group", { name: "Speech player" })).toBeVisible();
  await player.getByRole("button", { name: "Speak" }).click();
  await expect(status).toHaveText("Cannot speak: There is no such voice", { timeout: 90_000 });
  expect(await told()).toEqual(["voice.not_found"]);
  await player.evaluate((element: HTMLElement) => {
    element.lang = "zh";
    return (element as QingshengPlayer).play();
  });
  await expect(status).toHaveText("不能朗读：找不到这个声音");
  for (const [attribute, value] of [
    ["speed", "fast"],
    ["speed", "9"],
    ["emotion", "envy"],
  ] as const) {
    await addPlayer(`<qingsheng-player ${attribute}="${value}" text="好。"></qingsheng-player>`);
    await player.getByRole("button", { name: "朗读" }).click();
    await expect(status).toHaveText("不能朗读：设置超出范围");
  }
});

test("attributes change in mid-speech, also back; what cannot be is told, and it speaks on", async () => {
  await addPlayer(`<qingsheng-player speed="2" text="${LONG}"></qingsheng-player>`);
  const player = page.locator("#stage qingsheng-player");
  await player.getByRole("button", { name: "朗读" }).click();
  await expect(player).toHaveAttribute("data-state", "playing", { timeout: 30_000 });
  await player.evaluate((element) => element.setAttribute("voice", "nope"));
  await expect(player.getByRole("status")).toHaveText("没有改变：找不到这个声音");
  await player.evaluate((element) => element.setAttribute("pitch", "high"));
  await expect(player.getByRole("status")).toHaveText("没有改变：设置超出范围");
  await expect(player).toHaveAttribute("data-state", "playing");
  // A wrong attribute spoils no other: what is set beside it, and while it stands, is taken.
  await player.evaluate((element) => {
    element.setAttribute("intensity", "0.7");
    element.setAttribute("voice", "none");
    element.setAttribute("speed", "1.9");
  });
  await expect.poll(async () => (await spoken()).at(-1)).toMatchObject({ speed: 1.9, intensity: 0.7, voice: null });
  await expect(player).toHaveAttribute("data-state", "playing");
  const asked = (await spoken()).length;
  await player.evaluate((element) => {
    for (const name of ["voice", "pitch", "speed"]) element.removeAttribute(name);
  });
  await expect.poll(async () => (await spoken()).at(-1)).toMatchObject({ speed: 1, pitch: 0, voice: null });
  // It is what it is: nothing is made anew.
  const before = (await spoken()).length;
  expect(before - asked).toBe(1);
  await player.evaluate((element: HTMLElement) => {
    element.setAttribute("text", element.getAttribute("text") ?? "");
    element.lang = "en";
    element.toggleAttribute("show-text", true);
  });
  await expect(player.getByRole("button", { name: "Pause" })).toBeVisible();
  expect((await spoken()).length).toBe(before);
  await player.evaluate((element: QingshengPlayer) => element.stop());
  expect(await told()).toEqual(["start", "voice.not_found", "option.invalid", "voice.not_found", "end"]);
});

test("whoever comes by keyboard stays on the button; a move leaves it speaking, a removal ends it", async ({
  server,
}) => {
  await page.goto(`${server.url}examples/player.html`);
  await addPlayer(`<qingsheng-player text="${LONG}"></qingsheng-player><p id="other"></p>`);
  const player = page.locator("#stage qingsheng-player");
  await player.getByRole("button", { name: "朗读" }).focus();
  await page.keyboard.press("Enter");
  // While it loads, too.
  await expect(player.getByRole("status")).toHaveText("正在准备…");
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  const focused = () => player.evaluate((element) => element.shadowRoot?.activeElement?.getAttribute("part"));
  expect(await focused()).toBe("button play");
  await expect(player).toHaveAttribute("data-state", "playing", { timeout: 90_000 });
  expect(await focused()).toBe("button play");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(player).toHaveAttribute("data-state", "idle");
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  expect(await focused()).toBe("button stop");
  await player.getByRole("button", { name: "朗读" }).click();
  await expect(player).toHaveAttribute("data-state", "playing");
  await player.evaluate((element) => {
    const other = document.querySelector("#other") as HTMLElement & { moveBefore(node: Node, child: null): void };
    other.moveBefore(element, null);
  });
  await expect(player).toHaveAttribute("data-state", "playing");
  expect(await told()).toEqual(["start", "end", "start"]);
  const state = await player.evaluate((element) => {
    element.remove();
    return (element as HTMLElement).dataset.state;
  });
  expect(state).toBe("idle");
});

test("who stops and plays again while it loads hears it once; a second player ends the first", async ({ server }) => {
  await page.goto(`${server.url}examples/player.html`);
  await addPlayer(
    `<qingsheng-player text="${LONG}"></qingsheng-player><qingsheng-player lang="en" text="${LONG}"></qingsheng-player>`,
  );
  const states = await page.evaluate(async () => {
    const [first, second] = document.querySelectorAll<QingshengPlayer>("#stage qingsheng-player");
    if (!first || !second) throw new Error("two players were added");
    const began = new Promise((resolve) => first.addEventListener("qingsheng-start", resolve, { once: true }));
    void first.play();
    first.stop();
    void first.play();
    void first.play();
    await began;
    const opened = globalThis.sent.filter((message) => message.type === "open").length;
    const next = new Promise((resolve) => second.addEventListener("qingsheng-start", resolve, { once: true }));
    void second.play();
    await next;
    const states = [first.dataset.state, second.dataset.state];
    second.stop();
    return [...states, opened];
  });
  expect(states).toEqual(["idle", "playing", 1]);
});

test("its own text is read as it is laid out, shown when it comes late, and kept when set before the script was there", async ({
  server,
}) => {
  await page.goto(`${server.url}examples/module.html`);
  const early = await page.evaluate(async (site) => {
    const early = document.createElement("qingsheng-player") as QingshengPlayer;
    early.text = "早就写好的。";
    early.volume = 0.5;
    document.body.append(early);
    await import(`${site}qingsheng-player.js`);
    return [early.getAttribute("text"), early.getAttribute("volume"), early.text];
  }, server.url);
  expect(early).toEqual(["早就写好的。", "0.5", "早就写好的。"]);
  await addPlayer(`<qingsheng-player show-text>
    春天来了，
    院子里的老梅树 <b>开了花</b>。
    It is
    spring.
    <p>第二段<ruby>重<rt>chóng</rt></ruby>庆。</p>
    <script type="text/plain">不是文字</script>
  </qingsheng-player>`);
  const player = page.locator("#stage qingsheng-player");
  expect(await player.evaluate((element: QingshengPlayer) => element.text)).toBe(
    "春天来了，院子里的老梅树 开了花。 It is spring.\n第二段重庆。",
  );
  await player.evaluate((element) => {
    element.textContent = "";
    element.append("后来才有的文字。");
  });
  await expect(player.locator("[part=text]")).toHaveText("后来才有的文字。");
  await expect(player.locator("[part=text]")).toHaveAttribute("lang", "zh");
});

test("a word is marked without a new layout of the lines around it, and the text stays what it is", async ({
  server,
}) => {
  await page.goto(`${server.url}examples/player.html`);
  const lines = ["第一段。", "", `${"长".repeat(30)}。`.repeat(100), "尾。", ""];
  await addPlayer(`<qingsheng-player show-text></qingsheng-player>`);
  const seen = await page.evaluate(async (text) => {
    const player = document.querySelector("#stage qingsheng-player") as QingshengPlayer;
    player.text = text;
    const shown = player.shadowRoot?.querySelector<HTMLElement>("[part=text]") as HTMLElement;
    const [first, , , , last] = [...shown.children];
    const stop = text.lastIndexOf("尾") + 1;
    (player as unknown as { spoken(word: object): void }).spoken({ start: stop - 1, stop });
    const marked = [shown.querySelector("mark")?.textContent, last?.contains(shown.querySelector("mark"))];
    const whole = shown.textContent === text;
    const kept = first?.firstChild;
    (player as unknown as { spoken(word: object): void }).spoken({ start: 31, stop: 32 });
    const same = first?.firstChild === kept;
    return { marked, whole, same, marks: shown.querySelectorAll("mark").length };
  }, lines.join("\n"));
  expect(seen).toEqual({ marked: ["尾", true], whole: true, same: true, marks: 1 });
});

test("an app for speechSynthesis switches with one line", async ({ server }) => {
  await page.goto(`${server.url}examples/speech-synthesis.html`);
  await page.click("#speak");
  await expect(page.locator("#said")).toHaveText("start", { timeout: 90_000 });
  await expect(page.locator("#text mark")).not.toBeEmpty();
  await expect(page.locator("#said")).toHaveText("end", { timeout: 30_000 });
});

test("it keeps the queue, its flags, its events and its voices as the specification has them", async () => {
  const seen = await page.evaluate(async () => {
    const synthesis =
      globalThis.speechSynthesis as unknown as import("../../web/src/embed/speech-synthesis.ts").QingshengSynthesis;
    const Utterance = globalThis.SpeechSynthesisUtterance as unknown as typeof QingshengUtterance;
    const log: string[] = [];
    const make = (text: string, name: string) => {
      const utterance = new Utterance(text);
      for (const event of ["start", "end", "error", "pause", "resume"] as const) {
        utterance.addEventListener(event, (detail) =>
          log.push(`${name} ${event} ${(detail as ErrorEvent).error || ""}`.trim()),
        );
      }
      return utterance;
    };
    const until = (line: string) =>
      new Promise<void>((resolve) => {
        const look = setInterval(() => {
          if (!log.includes(line)) return;
          clearInterval(look);
          resolve();
        }, 20);
      });
    const voices = synthesis.getVoices();
    const first = make("第一句话。", "a");
    const boundaries: string[] = [];
    first.onboundary = ({ charIndex, charLength, name }) =>
      boundaries.push(`${name} ${first.text.slice(charIndex, charIndex + charLength)}`);
    first.rate = 9;
    first.pitch = 2;
    first.voice = voices[1] ?? null;
    synthesis.speak(first);
    synthesis.speak(make("", "b"));
    synthesis.speak(make("<speak>第三<mark name='here'/>句话，说得很长很长很长很长。</speak>", "c"));
    synthesis.speak(make("第四句话。", "d"));
    const flags = [synthesis.speaking, synthesis.pending, synthesis.paused];
    await until("c start");
    synthesis.pause();
    await until("c pause");
    const held = synthesis.paused;
    synthesis.resume();
    await until("c resume");
    synthesis.cancel();
    return { log, flags, held, boundaries, after: [synthesis.speaking, synthesis.pending], voices };
  });
  expect(seen.flags).toEqual([true, true, false]);
  expect(seen.held).toBe(true);
  expect(seen.log).toEqual([
    "a start",
    "a end",
    "b start",
    "b end",
    "c start",
    "c pause",
    "c resume",
    "c error interrupted",
    "d error canceled",
  ]);
  expect(seen.boundaries.map((one) => one.slice(5)).join("")).toBe("第一句话");
  expect(seen.after).toEqual([false, false]);
  expect(seen.voices[0]).toMatchObject({ localService: true, lang: expect.stringMatching(/^zh/), default: true });
  const sent = await page.evaluate(() =>
    globalThis.sent
      .filter((message) => message.type === "open")
      .map((message) => message.type === "open" && message.options),
  );
  expect(sent.some((options) => options && options.speed === 2 && options.pitch === 12)).toBe(true);
});

test("what has nothing to say begins and ends; what asks for the impossible is told so", async () => {
  const seen = await page.evaluate(async () => {
    const said = (text: unknown, own: Partial<Record<"rate" | "pitch" | "volume", unknown>> = {}) =>
      new Promise<string>((resolve) => {
        const utterance = Object.assign(new SpeechSynthesisUtterance(text as string), own);
        const log: string[] = [];
        utterance.onstart = () => log.push("start");
        utterance.onend = () => resolve([...log, "end"].join(" "));
        utterance.onerror = ({ error }) => resolve([...log, error].join(" "));
        speechSynthesis.speak(utterance);
      });
    const texts = [await said("😀"), await said("……"), await said(5), await said("好。")];
    const options = [await said("好。", { rate: Number.NaN }), await said("好。", { volume: "loud" })];
    const refused = [null, undefined, {}, "好。"].map((one) => {
      try {
        speechSynthesis.speak(one as unknown as SpeechSynthesisUtterance);
        return "taken";
      } catch (error) {
        return (error as Error).name;
      }
    });
    return { texts, options, refused, after: [speechSynthesis.speaking, speechSynthesis.pending] };
  });
  expect(seen.texts).toEqual(["start end", "start end", "start end", "start end"]);
  expect(seen.options).toEqual(["invalid-argument", "invalid-argument"]);
  expect(seen.refused).toEqual(["TypeError", "TypeError", "TypeError", "TypeError"]);
  expect(seen.after).toEqual([false, false]);
});

test("the language of an utterance chooses its voice; one that no voice speaks is said to be unavailable", async () => {
  const seen = await page.evaluate(async () => {
    const voices = speechSynthesis.getVoices();
    const said = (lang: string, voice?: SpeechSynthesisVoice) =>
      new Promise<string>((resolve) => {
        const utterance = Object.assign(new SpeechSynthesisUtterance("好。"), { lang, voice: voice ?? null });
        const log: string[] = [];
        utterance.onstart = () => log.push("start");
        utterance.onend = () => resolve([...log, "end"].join(" "));
        utterance.onerror = ({ error }) => resolve([...log, error].join(" "));
        speechSynthesis.speak(utterance);
      });
    const other = voices.find((voice) => !voice.default);
    const log = [await said("fr-FR"), await said("yue-Hant-HK"), await said("cmn-Hans-CN"), await said("fr", other)];
    return { log, usual: voices.find((voice) => voice.default)?.voiceURI, other: other?.voiceURI };
  });
  expect(seen.log).toEqual(["language-unavailable", "language-unavailable", "start end", "start end"]);
  expect((await spoken()).slice(-2).map(({ voice }) => voice)).toEqual([seen.usual, seen.other]);
});

test("an utterance that is cancelled and spoken again before the engine is there is heard once", async ({ server }) => {
  await page.goto(`${server.url}examples/speech-synthesis.html`);
  const log = await page.evaluate(async () => {
    const utterance = new SpeechSynthesisUtterance("好。");
    const log: string[] = [];
    utterance.onstart = () => log.push("start");
    utterance.onerror = (event) => log.push(`${event.error} ${event instanceof SpeechSynthesisErrorEvent}`);
    const ended = new Promise((resolve) => {
      utterance.onend = resolve;
    });
    speechSynthesis.speak(utterance);
    speechSynthesis.cancel();
    speechSynthesis.speak(utterance);
    await ended;
    const opened = globalThis.sent.filter((message) => message.type === "open").length;
    const [voices, again] = [speechSynthesis.getVoices(), speechSynthesis.getVoices()];
    return [...log, opened, voices === again];
  });
  expect(log).toEqual(["canceled true", "start", 1, false]);
});

test("marks come as they are reached, and the browser's own speech can be put back", async ({ server }) => {
  const seen = await page.evaluate(async (site) => {
    const module = await import(`${site}qingsheng-speech.js`);
    const Utterance = module.QingshengUtterance as typeof QingshengUtterance;
    const utterance = new Utterance("<speak>你好<mark name='here'/>再见。</speak>");
    const marks: string[] = [];
    utterance.onmark = ({ name, charIndex }) => marks.push(`${name} ${charIndex}`);
    const ended = new Promise((resolve) => {
      utterance.onend = resolve;
    });
    speechSynthesis.speak(utterance as unknown as SpeechSynthesisUtterance);
    await ended;
    module.uninstall();
    return { marks, native: Object.prototype.toString.call(speechSynthesis) };
  }, server.url);
  expect(seen).toEqual({ marks: ["here 9"], native: "[object SpeechSynthesis]" });
});

test("a frame speaks the text of its address", async ({ server }) => {
  await page.goto(`${server.url}examples/iframe.html`);
  const player = page.frameLocator("iframe").locator("qingsheng-player");
  await expect(player.locator("[part=text]")).toHaveText("温故而知新。");
  await player.getByRole("button", { name: "朗读" }).click();
  await expect(player).toHaveAttribute("data-state", "playing", { timeout: 90_000 });
  await player.getByRole("button", { name: "停止" }).click();
});

test("a frame in a sandbox speaks where it keeps its origin", async ({ server }) => {
  await page.goto(`${server.url}examples/iframe.html`);
  await page.evaluate(() => {
    const frame = document.querySelector("iframe");
    const boxed = document.createElement("iframe");
    boxed.setAttribute("sandbox", "allow-scripts allow-same-origin");
    boxed.src = frame?.src ?? "";
    frame?.replaceWith(boxed);
  });
  const player = page.frameLocator("iframe").locator("qingsheng-player");
  await player.getByRole("button", { name: "朗读" }).click();
  await expect(player).toHaveAttribute("data-state", "playing", { timeout: 90_000 });
  await player.getByRole("button", { name: "停止" }).click();
});

test("the bookmark opens the chosen text in the page", async ({ server }) => {
  await page.goto(`${server.url}examples/bookmarklet.html`);
  const code = await page.locator("#bookmarklet").getAttribute("href");
  expect(code).toMatch(/^javascript:/);
  await page.evaluate(() => getSelection()?.selectAllChildren(document.querySelector("h1") as Node));
  const [popup] = await Promise.all([
    page.context().waitForEvent("page"),
    // As a bookmark runs, outside the page's content security policy.
    page
      .context()
      .newCDPSession(page)
      .then((session) =>
        session.send("Runtime.evaluate", { expression: (code ?? "").slice("javascript:".length), userGesture: true }),
      ),
  ]);
  await expect(popup.locator("#text")).toHaveValue("书签 Bookmarklet");
  await popup.close();
});

test("the module example speaks; nothing broke the content security policy", async ({ server }) => {
  await page.goto(`${server.url}examples/module.html`);
  await page.click("#speak");
  await expect(page.locator("#said")).toHaveText("世界", { timeout: 90_000 });
  await expect(page.locator("#speak")).toBeEnabled({ timeout: 30_000 });
  expect(errors.filter((error) => !error.includes("404"))).toEqual([]);
});
