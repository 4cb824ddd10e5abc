import { expect, it } from "vitest";
import type { Chunk, StyleInfo } from "../protocol.ts";
import { Session } from "./session.ts";

const style = (id: string): StyleInfo => ({
  id,
  name: { zh: id },
  description: { zh: id },
  version: "1",
  state: "on",
  error: "",
});

it("tells a restarted engine what the one before it was told, and not what was taken back", async () => {
  const session = new Session();
  session.setWord("重庆", "chong2 qing4");
  session.setWord("银行", "yin2 hang2");
  session.setWord("重庆", "");
  session.setStyle(style("calm"), { id: "calm" }, "old");
  session.setStyle(style("calm"), { id: "calm" }, "new");
  session.setStyle(style("gone"), {}, "source");
  session.removeStyle("gone");
  const told: unknown[] = [];
  const call = async (...asked: unknown[]) => {
    told.push(asked);
    // An engine that refuses one thing still gets the others.
    if (asked[0] === "setWord") throw new Error("refused");
  };
  await session.restore({ call } as unknown as Parameters<Session["restore"]>[0]);
  expect(told).toEqual([
    ["setWord", "银行", "yin2 hang2"],
    ["loadStyle", { id: "calm" }, "new"],
  ]);
});

it("keeps a style from the next engine whose engine fell silent in it, until it is loaded again", async () => {
  const session = new Session();
  session.setStyle(style("calm"), {}, "calm");
  session.setStyle(style("loops"), {}, "loops");
  session.bar(["loops", "unknown"], 60);
  const told: unknown[] = [];
  const call = async (...asked: unknown[]) => void told.push(asked);
  const engine = { call } as unknown as Parameters<Session["restore"]>[0];
  await session.restore(engine);
  expect(told).toEqual([["loadStyle", {}, "calm"]]);
  const error = "the engine did not answer for 60 seconds while it was in use";
  expect(session.barredStyles()).toEqual([{ ...style("loops"), state: "off", error }]);
  const chunk = { span: { start: 3, stop: 5 }, notices: [] } as unknown as Chunk;
  const barred = session.allowed({ style: "loops", speed: 2 });
  expect(barred.options).toEqual({ style: null, speed: 2 });
  expect(barred.told(chunk).notices).toEqual([
    { code: "style.failed", message: `style loops is switched off: ${error}.`, text: "", start: 3, stop: 5 },
  ]);
  expect(barred.told(chunk).notices).toEqual([]);
  const free = session.allowed({ style: "calm" });
  expect(free.options).toEqual({ style: "calm" });
  expect(free.told(chunk)).toBe(chunk);
  session.setStyle(style("loops"), {}, "mended");
  expect(session.barredStyles()).toEqual([]);
  expect(session.allowed({ style: "loops" }).options).toEqual({ style: "loops" });
});
