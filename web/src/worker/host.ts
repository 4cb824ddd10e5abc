/** The JS module `qingsheng_host`: onnxruntime-web for `py_engine/runtime/browser.py`. */

import ortModuleUrl from "onnxruntime-web/ort-wasm-simd-threaded.mjs?url";
import ortWasmUrl from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import * as ort from "onnxruntime-web/wasm";
import type { Bytes } from "../files/digest.ts";

interface HostTensor {
  readonly type: ort.Tensor.Type;
  readonly dims: readonly number[];
  readonly data: ort.Tensor.DataType;
}

type HostTensors = Record<string, HostTensor>;

export interface Host {
  createSession(name: string, bytes: Uint8Array): Promise<number>;
  run(handle: number, feeds: HostTensors): Promise<HostTensors>;
  release(handle: number): void;
}

/** Absolute addresses of the two files that onnxruntime-web loads by itself. */
export const ORT_URLS = {
  module: new URL(ortModuleUrl, import.meta.url).href,
  wasm: new URL(ortWasmUrl, import.meta.url).href,
};

export function configureOrt(wasm: Bytes, threads: number): void {
  ort.env.logLevel = "error";
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.proxy = false;
  ort.env.wasm.wasmPaths = { mjs: ORT_URLS.module, wasm: ORT_URLS.wasm };
  // The bytes that were verified, rather than another download.
  ort.env.wasm.wasmBinary = wasm;
}

/** Once compiled, the 14 MB of source are only ballast. */
function dropOrtBinary(): void {
  delete ort.env.wasm.wasmBinary;
}

export function createHost(): Host {
  const sessions = new Map<number, ort.InferenceSession>();
  let lastHandle = 0;
  return {
    async createSession(_name, bytes) {
      const session = await ort.InferenceSession.create(bytes, { executionProviders: ["wasm"] });
      dropOrtBinary();
      lastHandle += 1;
      sessions.set(lastHandle, session);
      return lastHandle;
    },
    async run(handle, feeds) {
      const session = sessions.get(handle);
      if (!session) throw new Error(`no session ${handle}: it was released`);
      const tensors = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)]));
      const results = await session.run(tensors);
      return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, fromOrt(tensor)]));
    },
    release(handle) {
      const session = sessions.get(handle);
      sessions.delete(handle);
      void session?.release();
    },
  };
}

/** Typed for the union of element types, which the constructor's overloads do not take. */
const UntypedTensor = ort.Tensor as unknown as new (
  type: ort.Tensor.Type,
  data: ort.Tensor.DataType,
  dims: readonly number[],
) => ort.Tensor;

function toOrt({ type, data, dims }: HostTensor): ort.Tensor {
  return new UntypedTensor(type, data, Array.from(dims));
}

function fromOrt(tensor: ort.Tensor): HostTensor {
  return { type: tensor.type, dims: Array.from(tensor.dims), data: tensor.data };
}
