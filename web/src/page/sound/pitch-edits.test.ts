import { expect, it } from "vitest";
import { PitchEdits } from "./pitch-edits.ts";

const whole = (text: string) => ({ start: 0, stop: text.length });

it("writes mark-up for what was dragged, and finds the way back from every offset of a character", () => {
  const edits = new PitchEdits();
  const text = "你<好{hao3}吗？\n再𠮷见 & 走";
  edits.set(text, text.indexOf("好"), 3);
  edits.set(text, text.indexOf("𠮷"), -2.5);
  const { spoken, back } = edits.prepare(text, whole(text));
  expect(spoken).toBe(
    '<speak><p>你&lt;<prosody pitch="+3st">好{hao3}</prosody>吗？</p>' +
      '<p>再<prosody pitch="-2.5st">𠮷</prosody>见 &amp; 走</p></speak>',
  );
  for (const char of ["你", "好", "吗", "再", "𠮷", "见", "走"]) {
    expect(back(spoken.indexOf(char)), char).toBe(text.indexOf(char));
    expect(back(spoken.indexOf(char) + char.length), char).toBe(text.indexOf(char) + char.length);
  }
  expect(back(spoken.length)).toBe(text.length);
});

it("leaves the rest as it is, and forgets what is put back or edited", () => {
  const edits = new PitchEdits();
  const text = "一二三。\n四五六。";
  edits.set(text, 1, 2);
  expect(edits.get(text, 1)).toBe(2);
  expect(edits.prepare(text, { start: 5, stop: text.length }).spoken).toBe("四五六。");
  expect(edits.get(`新的一行。\n${text}`, 7)).toBe(2);
  expect(edits.get("一二三四。", 1)).toBe(0);
  edits.set(text, 1, 0);
  expect(edits.isEmpty).toBe(true);
  expect(edits.prepare(text, whole(text)).spoken).toBe(text);
});

it("holds the range of the engine, and leaves mark-up of the writer alone", () => {
  const edits = new PitchEdits();
  edits.set("好", 0, 40);
  expect(edits.get("好", 0)).toBe(12);
  const ssml = "<speak>好</speak>";
  edits.set(ssml, 7, 3);
  expect(edits.prepare(ssml, whole(ssml)).spoken).toBe(ssml);
});
