/** The thread of the models: onnxruntime-web, one request after another. */
import { Sessions, startOrt } from "./ort.ts";
import { JobQueue } from "./queue.ts";
import { buffersOf, type FromOrt, type OrtRequest, type ToOrt } from "./remote-sessions.ts";

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const sessions = new Sessions();
const queue = new JobQueue();

async function answer(request: OrtRequest): Promise<{ value?: unknown; transfer?: Transferable[] }> {
  switch (request.type) {
    case "start":
      await startOrt(request.wasm, request.threads);
      return {};
    case "create":
      return { value: await sessions.create(request.model) };
    case "run": {
      const value = await sessions.run(request.handle, request.feeds);
      return { value, transfer: buffersOf(value) };
    }
    case "release":
      await sessions.release(request.handle);
      return {};
  }
}

function post(message: FromOrt, transfer: Transferable[] = []): void {
  scope.postMessage(message, transfer);
}

scope.addEventListener("message", ({ data }: MessageEvent<ToOrt>) => {
  queue
    .run(() => answer(data))
    .then(({ value, transfer }) => post({ id: data.id, value }, transfer))
    .catch((error: unknown) => post({ id: data.id, error: error instanceof Error ? error.message : String(error) }));
});
