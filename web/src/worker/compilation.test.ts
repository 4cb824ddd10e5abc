import { expect, it } from "vitest";
import { compiling } from "./compilation.ts";

const BYTES = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
const response = () => new Response(BYTES, { headers: { "content-type": "application/wasm" } });
const seen: WebAssembly.Module[] = [];
const streaming = async () => void seen.push((await WebAssembly.instantiateStreaming(response())).module);
const whole = async () => void seen.push((await WebAssembly.instantiate(BYTES)).module);

it.each([streaming, whole])("sees what is compiled, by %o", async (work) => {
  const module = await compiling(work);
  expect(module).toBeInstanceOf(WebAssembly.Module);
  expect(module).toBe(seen.at(-1));
});

it.each([streaming, whole])("has it compiled already, for %o", async (work) => {
  const given = new WebAssembly.Module(BYTES);
  expect(await compiling(work, given)).toBe(given);
  expect(seen.at(-1)).toBe(given);
});

it("leaves alone what is no compilation, and puts everything back", async () => {
  const { instantiate, instantiateStreaming } = WebAssembly;
  const module = new WebAssembly.Module(BYTES);
  const work = async () => expect(await WebAssembly.instantiate(module)).toBeInstanceOf(WebAssembly.Instance);
  expect(await compiling(async () => void (await work()))).toBeUndefined();
  const failing = compiling(() => Promise.reject(new Error("no memory")));
  await expect(failing).rejects.toThrow("no memory");
  expect(WebAssembly.instantiate).toBe(instantiate);
  expect(WebAssembly.instantiateStreaming).toBe(instantiateStreaming);
});
