import { expect, it } from "vitest";
import { spread } from "./statistics.ts";

it("gives the middle, the least and the greatest, whatever the order", () => {
  expect(spread([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 });
  expect(spread([10, 4, 2, 8])).toEqual({ median: 6, least: 2, most: 10 });
  expect(spread([7])).toEqual({ median: 7, least: 7, most: 7 });
  expect(() => spread([])).toThrowError(/no value/);
});
