/** The JS module `qingsheng_host`: onnxruntime-web for `py_engine/runtime/browser.py`, in this thread or in one of its own. */
import { type WasmSource, wasmResponse } from "../files/wasm.ts";
import { ModelThreads } from "./model-threads.ts";
import { type HostTensors, Sessions, startOrt } from "./ort.ts";

export interface Host {
  /** How many models run beside Python and each other, those of patient models last; 0 where they run in its place. */
  readonly concurrent: number;
  createSession(name: string, bytes: Uint8Array<ArrayBuffer>, patient: boolean): Promise<number>;
  /** relay: runs with the same number hand on `next_X` as `X`, until it is forgotten. */
  run(handle: number, feeds: HostTensors, relay?: number): Promise<HostTensors>;
  forget(relay: number): void;
  release(handle: number): void;
  /** So much is to be said, in UTF-16 code units, as fast as it can be made, until `rest` was called as often. */
  hurry(length: number): void;
  rest(): void;
}

/**
 * wasm: onnxruntime's, on its way. With one thread the models run in this one. With more, Python keeps this one to itself and the models
 * have the others.
 */
export function startHost(wasm: Promise<WasmSource>, threads: number): { host: Host; started: Promise<unknown> } {
  return threads > 1 ? remoteHost(wasm, threads) : localHost(wasm);
}

function localHost(wasm: Promise<WasmSource>) {
  const sessions = new Sessions();
  const host: Host = {
    concurrent: 0,
    createSession: (_name, bytes) => sessions.create(bytes),
    run: (handle, feeds, relay) => sessions.run(handle, feeds, relay),
    forget: (relay) => sessions.forget(relay),
    release: (handle) => void sessions.release(handle),
    hurry: () => undefined,
    rest: () => undefined,
  };
  return { host, started: wasm.then(async (source) => startOrt(await wasmResponse(source), 1)) };
}

function remoteHost(wasm: Promise<WasmSource>, threads: number) {
  const sessions = new ModelThreads();
  const host: Host = {
    get concurrent() {
      return sessions.count;
    },
    createSession: (_name, bytes, patient) => sessions.create(bytes, patient),
    run: (handle, feeds, relay) => sessions.run(handle, feeds, relay),
    forget: (relay) => void sessions.forget(relay).catch(() => undefined),
    release: (handle) => void sessions.release(handle).catch(() => undefined),
    hurry: (length) => sessions.hurry(length),
    rest: () => sessions.rest(),
  };
  return { host, started: wasm.then((source) => sessions.start(source, threads - 1)) };
}
