import { expect, it } from "vitest";
import { QingshengError } from "../errors.ts";
import { Losses } from "./losses.ts";

const lost = new QingshengError("worker.lost", "gone");

it("asks again after a lost engine, twice in a row, and anew after each chunk", () => {
  const losses = new Losses();
  expect([1, 2, 3].map(() => losses.mayAskAgain(lost))).toEqual([true, true, false]);
  losses.forget();
  expect(losses.mayAskAgain(lost)).toBe(true);
});

it("does not ask again after anything else", () => {
  const losses = new Losses();
  expect(losses.mayAskAgain(new QingshengError("text.empty", "nothing"))).toBe(false);
  expect(losses.mayAskAgain(new Error("anything"))).toBe(false);
});
