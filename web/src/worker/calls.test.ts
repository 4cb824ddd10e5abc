import { expect, it } from "vitest";
import { calledFunction, fromPython, toPython } from "./calls.ts";

it("knows its functions, and says which there are when asked for another", () => {
  expect(calledFunction("setWord")).toBe("set_word");
  for (const name of ["boot", "toString", "__proto__"]) {
    expect(() => calledFunction(name)).toThrowError(/explain, setWord, words/);
  }
});

it("hands strings, numbers and bytes over as they are, other values as JSON", () => {
  const bytes = new Uint8Array([1, 2]);
  expect(["重庆", 3, undefined, bytes].map(toPython)).toEqual(["重庆", 3, undefined, bytes]);
  expect(toPython({ markup: "none" })).toBe('{"markup":"none"}');
  expect(toPython(["zh"])).toBe('["zh"]');
});

it("takes JSON for a value and everything else for nothing", () => {
  expect(fromPython('{"a": [1]}')).toEqual({ a: [1] });
  expect(fromPython(undefined)).toBeUndefined();
});
