/** The thread of the models: onnxruntime-web, one request at a time. */
import { addressed, fromBytes } from "../files/wasm.ts";
import { Sessions, startOrt } from "./ort.ts";
import { JobQueue } from "./queue.ts";
import { buffersOf, type FromOrt, type OrtRequest, type ToOrt } from "./remote-sessions.ts";

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const sessions = new Sessions();
const queue = new JobQueue();

async function answer(request: OrtRequest): Promise<{ value?: unknown; transfer?: Transferable[] }> {
  switch (request.type) {
    case "start":
      return { value: await start(request) };
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

/** False where the module has to be handed over: its address does not serve. */
async function start({ wasm, file, threads }: Extract<OrtRequest, { type: "start" }>): Promise<boolean> {
  const response = wasm ? fromBytes(wasm) : await addressed(file);
  if (response) await startOrt(response, threads);
  return response !== undefined;
}

/** Bytes of what goes into a model: the vocoder's part of an utterance waits for the reader's next sentence, not the other way. */
function weight(request: OrtRequest): number | undefined {
  return request.type === "run"
    ? buffersOf(request.feeds).reduce((sum, { byteLength }) => sum + byteLength, 0)
    : undefined;
}

function post(message: FromOrt, transfer: Transferable[] = []): void {
  scope.postMessage(message, transfer);
}

scope.addEventListener("message", ({ data }: MessageEvent<ToOrt>) => {
  queue
    .run(() => answer(data), weight(data))
    .then(({ value, transfer }) => post({ id: data.id, value }, transfer))
    .catch((error: unknown) => post({ id: data.id, error: error instanceof Error ? error.message : String(error) }));
});
