import { expect, it } from "vitest";
import { hexadecimal, uuid } from "./random.ts";

it("makes ids of random digits, each another one", () => {
  const made = Array.from({ length: 50 }, uuid);
  for (const id of made) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(made).size).toBe(50);
  expect(hexadecimal(3)).toMatch(/^[0-9a-f]{6}$/);
});
