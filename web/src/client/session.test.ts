import { expect, it } from "vitest";
import { Session } from "./session.ts";

it("tells a restarted engine what the one before it was told, and not what was taken back", async () => {
  const session = new Session();
  session.setWord("重庆", "chong2 qing4");
  session.setWord("银行", "yin2 hang2");
  session.setWord("重庆", "");
  session.setStyle("calm", { id: "calm" }, "old");
  session.setStyle("calm", { id: "calm" }, "new");
  session.setStyle("gone", {}, "source");
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
