import { expect, it } from "vitest";
import { LiveText, WholeText } from "./text-source.ts";

async function all(live: LiveText): Promise<string[]> {
  const found: string[] = [];
  let from = 0;
  for (let piece = await live.piece(from); piece; piece = await live.piece(from)) {
    expect(live.text.slice(piece.begin, piece.begin + piece.text.length)).toBe(piece.text);
    found.push(piece.text);
    from = piece.begin + piece.text.length;
  }
  return found;
}

it("gives a whole text as one piece, as long as there is something behind the place", async () => {
  const text = new WholeText("你好");
  expect(await text.piece(1)).toEqual({ text: "你好", begin: 0 });
  expect(await text.piece(2)).toBeUndefined();
  expect(await new WholeText("").piece(0)).toEqual({ text: "", begin: 0 });
});

it("gives sentences as soon as they are complete, and the rest at the end", async () => {
  const live = new LiveText();
  for (const character of "他说：“你好！”然后走了。3.5米\n剩下") live.push(character);
  live.end();
  expect(await all(live)).toEqual(["他说：“你好！", "”然后走了。", "3.5米\n", "剩下"]);
  const whole = new LiveText();
  whole.push("他说：“你好！”然后走了。3.5米");
  whole.end();
  expect(await all(whole)).toEqual(["他说：“你好！”然后走了。", "3.5米"]);
});

it("waits for what is not there yet", async () => {
  const live = new LiveText();
  let found: string | undefined;
  const waiting = live.piece(0).then((piece) => {
    found = piece?.text;
  });
  live.push("你好");
  await Promise.resolve();
  expect(found).toBeUndefined();
  live.flush();
  await waiting;
  expect(found).toBe("你好");
  const behind = live.piece(2);
  live.end();
  expect(await behind).toBeUndefined();
});

it("cuts what no engine would take at once, and refuses text behind the end", async () => {
  const live = new LiveText();
  live.push("字".repeat(9000));
  live.end();
  expect((await all(live)).map((text) => text.length)).toEqual([4000, 4000, 1000]);
  expect(() => live.push("更多")).toThrowError(expect.objectContaining({ code: "option.invalid" }));
});

it("cuts no character of two code units", async () => {
  const live = new LiveText();
  live.push(`好${"𠮷".repeat(5000)}`);
  live.end();
  const texts = await all(live);
  expect(texts.map((text) => /^\P{Cs}*$/u.test(text))).toEqual(texts.map(() => true));
  expect(texts.join("").length).toBe(10_001);
});

it("takes nothing but a string for a text", () => {
  for (const text of [undefined, null, 123, {}] as unknown[] as string[]) {
    expect(() => new WholeText(text)).toThrowError(expect.objectContaining({ code: "option.invalid" }));
    expect(() => new LiveText().push(text)).toThrowError(expect.objectContaining({ code: "option.invalid" }));
  }
});
