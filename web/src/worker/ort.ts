/** onnxruntime-web in the thread that runs this: sessions by handle. */

import ortModuleUrl from "onnxruntime-web/ort-wasm-simd-threaded.mjs?url";
import ortWasmUrl from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import * as ort from "onnxruntime-web/wasm";
import { answering } from "../files/network.ts";
import { compiling } from "./compilation.ts";
import { Relays } from "./relays.ts";

export interface HostTensor {
  readonly type: ort.Tensor.Type;
  readonly dims: readonly number[];
  readonly data: ort.Tensor.DataType;
}

export type HostTensors = Record<string, HostTensor>;

/** Absolute addresses of the two files that onnxruntime-web loads by itself. */
export const ORT_URLS = {
  module: new URL(ortModuleUrl, import.meta.url).href,
  wasm: new URL(ortWasmUrl, import.meta.url).href,
};

/** ONNX, IR 9, opset 17: one Identity from x to y. Creating its session makes onnxruntime compile its wasm. */
const IDENTITY_MODEL = new Uint8Array([
  8, 9, 58, 55, 10, 16, 10, 1, 120, 18, 1, 121, 34, 8, 73, 100, 101, 110, 116, 105, 116, 121, 18, 1, 103, 90, 15, 10, 1,
  120, 18, 10, 10, 8, 8, 1, 18, 4, 10, 2, 8, 1, 98, 15, 10, 1, 121, 18, 10, 10, 8, 8, 1, 18, 4, 10, 2, 8, 1, 66, 4, 10,
  0, 16, 17,
]);

/** Threads that wait sleep: spinning would take a core from Python and from the page. */
const SESSION: ort.InferenceSession.SessionOptions = {
  executionProviders: ["wasm"],
  extra: { session: { intra_op: { allow_spinning: "0" } } },
};

/**
 * Compiles onnxruntime-web off this thread, so that others can start meanwhile, and gives the module for other threads. wasm: verified,
 * or such a module.
 */
export async function startOrt(
  wasm: Response | WebAssembly.Module,
  threads: number,
): Promise<WebAssembly.Module | undefined> {
  ort.env.logLevel = "error";
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.proxy = false;
  ort.env.wasm.wasmPaths = { mjs: ORT_URLS.module, wasm: ORT_URLS.wasm };
  const compiled = wasm instanceof WebAssembly.Module;
  const response = compiled ? new Response() : wasm;
  const answer = (url: string) => (url === ORT_URLS.wasm ? Promise.resolve(response) : undefined);
  return answering(answer, () => compiling(firstSession, compiled ? wasm : undefined));
}

async function firstSession(): Promise<void> {
  const session = await ort.InferenceSession.create(IDENTITY_MODEL, SESSION);
  await session.release();
}

export class Sessions {
  private readonly sessions = new Map<number, ort.InferenceSession>();
  private readonly relays = new Relays<ort.Tensor>();
  private lastHandle = 0;

  async create(model: Uint8Array): Promise<number> {
    const session = await ort.InferenceSession.create(model, SESSION);
    this.lastHandle += 1;
    this.sessions.set(this.lastHandle, session);
    return this.lastHandle;
  }

  /** relay: as in `Relays`. */
  async run(handle: number, feeds: HostTensors, relay?: number): Promise<HostTensors> {
    const session = this.sessions.get(handle);
    if (!session) throw new Error(`no session ${handle}: it was released`);
    const tensors = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)]));
    const work = (inputs: Record<string, ort.Tensor>) => session.run(inputs);
    const results = await (relay === undefined ? work(tensors) : this.relays.run(relay, tensors, work));
    return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, fromOrt(tensor)]));
  }

  forget(relay: number): void {
    this.relays.forget(relay);
  }

  async release(handle: number): Promise<void> {
    const session = this.sessions.get(handle);
    this.sessions.delete(handle);
    await session?.release();
  }
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
