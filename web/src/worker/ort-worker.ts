/** The thread of the models: onnxruntime-web, one request at a time. */
import { addressed, fromBytes } from "../files/wasm.ts";
import { Sessions, startOrt } from "./ort.ts";
import { JobQueue } from "./queue.ts";
import { buffersOf, type FromOrt, type OrtRequest, type Started, type ToOrt } from "./remote-sessions.ts";

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const sessions = new Sessions();
const queue = new JobQueue();
const patients = new Set<number>();

async function answer(request: OrtRequest): Promise<{ value?: unknown; transfer?: Transferable[] }> {
  switch (request.type) {
    case "start":
      return { value: await start(request) };
    case "create":
      return { value: await create(request) };
    case "run": {
      const value = await sessions.run(request.handle, request.feeds, request.relay);
      return { value, transfer: buffersOf(value) };
    }
    case "forget":
      sessions.forget(request.relay);
      return {};
    case "release":
      patients.delete(request.handle);
      await sessions.release(request.handle);
      return {};
  }
}

async function start({ wasm, threads }: Extract<OrtRequest, { type: "start" }>): Promise<Started> {
  const found = "url" in wasm ? await addressed(wasm) : wasm instanceof Uint8Array ? fromBytes(wasm) : wasm;
  return found ? { found: true, module: await startOrt(found, threads) } : { found: false };
}

async function create({ model, patient }: Extract<OrtRequest, { type: "create" }>): Promise<number> {
  const handle = await sessions.create(model);
  if (patient) patients.add(handle);
  return handle;
}

/** An utterance's sound waits for the reading of the next one, not the other way, and of two utterances the later one waits. */
function weight(request: OrtRequest): number | undefined {
  if (request.type === "forget") return request.relay;
  return request.type === "run" ? (request.relay ?? Number(patients.has(request.handle))) : undefined;
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
