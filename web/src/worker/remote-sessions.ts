/** `Sessions` in a thread of their own (`ort-worker.ts`). What is handed over is moved, not copied. */
import type { Bytes } from "../files/digest.ts";
import type { WasmFile, WasmSource } from "../files/wasm.ts";
import { PendingCalls } from "../pending-calls.ts";
import type { HostTensors } from "./ort.ts";
import workerUrl from "./ort-worker.ts?worker&url";
import { workerFrom } from "./worker-from.ts";

export type OrtRequest =
  | { readonly type: "start"; readonly wasm: WasmFile | Bytes | WebAssembly.Module; readonly threads: number }
  | { readonly type: "create"; readonly model: Uint8Array<ArrayBuffer>; readonly patient: boolean }
  | { readonly type: "run"; readonly handle: number; readonly feeds: HostTensors; readonly relay?: number }
  | { readonly type: "forget"; readonly relay: number }
  | { readonly type: "release"; readonly handle: number };

/** found: false where the bytes have to be handed over, since their address does not serve. module: for other threads. */
export type Started = { readonly found: boolean; readonly module?: WebAssembly.Module | undefined };

export type ToOrt = OrtRequest & { readonly id: number };
/** error: a message; absent where the request went well. */
export type FromOrt = { readonly id: number; readonly value?: unknown; readonly error?: string };

/** The part of `Worker` that is needed: tests have no workers. */
export type OrtThread = Pick<Worker, "postMessage" | "addEventListener" | "terminate">;

export class RemoteSessions {
  private readonly calls = new PendingCalls();
  private lost: Error | undefined;
  private lastId = 0;

  constructor(private readonly thread: OrtThread = newThread()) {
    thread.addEventListener("message", (event) => this.receive((event as MessageEvent<FromOrt>).data));
    thread.addEventListener("error", (event) => this.lose((event as ErrorEvent).message || "its script did not start"));
  }

  /** Gives the module where it was seen, with which another thread starts. */
  async start(source: WasmSource | WebAssembly.Module, threads: number): Promise<WebAssembly.Module | undefined> {
    const start = async (wasm: Extract<OrtRequest, { type: "start" }>["wasm"], transfer: Transferable[] = []) =>
      (await this.ask({ type: "start", wasm, threads }, transfer)) as Started;
    if (source instanceof WebAssembly.Module) return (await start(source)).module;
    // A response cannot be handed over: that thread asks for it itself.
    const { found, module } = source.kept ? await start({ url: source.url, sha256: source.sha256 }) : { found: false };
    if (found) return module;
    const bytes = await source.bytes();
    return (await start(bytes, [bytes.buffer])).module;
  }

  /** patient: runs of other models that wait go first. */
  async create(model: Uint8Array<ArrayBuffer>, patient: boolean): Promise<number> {
    return (await this.ask({ type: "create", model, patient }, [model.buffer])) as number;
  }

  async run(handle: number, feeds: HostTensors, relay?: number): Promise<HostTensors> {
    const request = relay === undefined ? { handle, feeds } : { handle, feeds, relay };
    return (await this.ask({ type: "run", ...request }, buffersOf(feeds))) as HostTensors;
  }

  async forget(relay: number): Promise<void> {
    await this.ask({ type: "forget", relay }, []);
  }

  async release(handle: number): Promise<void> {
    await this.ask({ type: "release", handle }, []);
  }

  /** With all it holds; what was asked of it fails. */
  end(): void {
    this.thread.terminate();
    this.lose("it was ended");
  }

  private ask(request: OrtRequest, transfer: Transferable[]): Promise<unknown> {
    if (this.lost) return Promise.reject(this.lost);
    this.lastId += 1;
    const id = this.lastId;
    this.thread.postMessage({ ...request, id } satisfies ToOrt, transfer);
    return this.calls.add(id);
  }

  private receive({ id, value, error }: FromOrt): void {
    if (error === undefined) this.calls.resolve(id, value);
    else this.calls.reject(id, new Error(error));
  }

  /** Nothing that was asked of it will be answered. */
  private lose(why: string): void {
    this.lost = new Error(`the thread of the models is gone: ${why}`);
    this.calls.failAll(this.lost);
  }
}

/** Each once: what is moved twice is refused. */
export function buffersOf(tensors: HostTensors): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const { data } of Object.values(tensors)) {
    if (ArrayBuffer.isView(data) && data.buffer instanceof ArrayBuffer) buffers.add(data.buffer);
  }
  return [...buffers];
}

function newThread(): Worker {
  return workerFrom(new URL(workerUrl, import.meta.url), "qingsheng-models");
}
