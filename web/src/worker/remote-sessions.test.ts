import { expect, it } from "vitest";
import type { HostTensors } from "./ort.ts";
import { buffersOf, type FromOrt, type OrtThread, RemoteSessions, type ToOrt } from "./remote-sessions.ts";

/** A thread whose answers the test gives. */
function thread() {
  const listeners = new Map<string, (event: unknown) => void>();
  const sent: { message: ToOrt; transfer: Transferable[] }[] = [];
  const fake = {
    addEventListener: (type: string, listener: (event: unknown) => void) => listeners.set(type, listener),
    postMessage: (message: ToOrt, transfer: Transferable[]) => sent.push({ message, transfer }),
  };
  return {
    sent,
    thread: fake as unknown as OrtThread,
    answer: (data: FromOrt) => listeners.get("message")?.({ data }),
    die: (message: string) => listeners.get("error")?.({ message }),
  };
}

const EMPTY = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
const tensor = (data: Float32Array) => ({ type: "float32", dims: [data.length], data }) as const;

it("moves what it is given, and matches answers to requests", async () => {
  const { sent, thread: own, answer } = thread();
  const sessions = new RemoteSessions(own);
  const model = new Uint8Array(3);
  const feeds: HostTensors = { x: tensor(new Float32Array(2)) };
  const [created, ran] = [sessions.create(model, true), sessions.run(5, feeds)];
  expect(sent.map(({ message }) => message.type)).toEqual(["create", "run"]);
  expect(sent.map(({ transfer }) => transfer)).toEqual([[model.buffer], buffersOf(feeds)]);
  const results: HostTensors = { y: tensor(new Float32Array(1)) };
  answer({ id: sent[1]?.message.id ?? 0, value: results });
  answer({ id: sent[0]?.message.id ?? 0, value: 5 });
  expect(await created).toBe(5);
  expect(await ran).toBe(results);
});

it("lets the thread find its WebAssembly, and hands it over where that fails", async () => {
  const file = { url: "https://site.test/ort.wasm", sha256: "ab" };
  const bytes = new Uint8Array(4);
  for (const [kept, found, told] of [
    [true, true, [file]],
    [true, false, [file, bytes]],
    [false, undefined, [bytes]],
  ] as const) {
    const { sent, thread: own, answer } = thread();
    const sessions = new RemoteSessions(own);
    const started = sessions.start({ ...file, kept, bytes: async () => bytes }, 1);
    if (found !== undefined) answer({ id: 1, value: { found, module: found ? EMPTY : undefined } });
    await expect.poll(() => sent.length).toBe(told.length);
    if (!found) answer({ id: told.length, value: { found: true, module: EMPTY } });
    expect(await started).toBe(EMPTY);
    expect(sent.map(({ message }) => message.type === "start" && message.wasm)).toEqual(told);
  }
});

it("starts from a module of another thread", async () => {
  const { sent, thread: own, answer } = thread();
  const started = new RemoteSessions(own).start(EMPTY, 1);
  answer({ id: 1, value: { found: true, module: EMPTY } });
  await started;
  expect(sent).toEqual([{ message: { id: 1, type: "start", wasm: EMPTY, threads: 1 }, transfer: [] }]);
});

it("says to which relay a run belongs, and when one is over", () => {
  const { sent, thread: own } = thread();
  const sessions = new RemoteSessions(own);
  void sessions.run(5, {}, 3);
  void sessions.run(5, {});
  void sessions.forget(3);
  expect(sent.map(({ message: { id: _, ...request } }) => request)).toEqual([
    { type: "run", handle: 5, feeds: {}, relay: 3 },
    { type: "run", handle: 5, feeds: {} },
    { type: "forget", relay: 3 },
  ]);
});

it("fails one request alone, and all of them once the thread is gone", async () => {
  const { sent, thread: own, answer, die } = thread();
  const sessions = new RemoteSessions(own);
  const [one, two] = [sessions.run(1, {}), sessions.run(2, {})];
  answer({ id: sent[0]?.message.id ?? 0, error: "no session 1" });
  await expect(one).rejects.toThrow("no session 1");
  die("out of memory");
  await expect(two).rejects.toThrow(/the thread of the models is gone: out of memory/);
  await expect(sessions.release(1)).rejects.toThrow(/gone/);
  expect(sent.length).toBe(2);
});

it("moves a buffer once, and only memory that can be moved", () => {
  const shared = new Float32Array(4);
  const tensors = { a: tensor(shared.subarray(0, 2)), b: tensor(shared), c: tensor(new Float32Array(1)) };
  expect(buffersOf(tensors)).toEqual([shared.buffer, tensors.c.data.buffer]);
});
