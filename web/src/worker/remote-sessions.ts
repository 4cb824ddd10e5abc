/** `Sessions` in a thread of their own (`ort-worker.ts`). What is handed over is moved, not copied. */
import type { Bytes } from "../files/digest.ts";
import type { WasmFile, WasmSource } from "../files/wasm.ts";
import { PendingCalls } from "../pending-calls.ts";
import type { HostTensors } from "./ort.ts";
import workerUrl from "./ort-worker.ts?worker&url";
import { workerFrom } from "./worker-from.ts";

export type OrtRequest =
  | { readonly type: "start"; readonly file: WasmFile; readonly wasm?: Bytes; readonly threads: number }
  | { readonly type: "create"; readonly model: Uint8Array<ArrayBuffer>; readonly patient: boolean }
  | { readonly type: "run"; readonly handle: number; readonly feeds: HostTensors; readonly relay?: number }
  | { readonly type: "forget"; readonly relay: number }
  | { readonly type: "release"; readonly handle: number };

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

  async start(source: WasmSource, threads: number): Promise<void> {
    const start = { type: "start", file: { url: source.url, sha256: source.sha256 }, threads } as const;
    // A response cannot be handed over: that thread asks for it itself.
    if (source.kept && (await this.ask(start, []))) return;
    const wasm = await source.bytes();
    await this.ask({ ...start, wasm }, [wasm.buffer]);
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
