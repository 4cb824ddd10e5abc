/** The engine's worker. */

import workerUrl from "../worker/main.ts?worker&url";
import { workerFrom } from "../worker/worker-from.ts";

export function startWorker(): Worker {
  return workerFrom(new URL(workerUrl, import.meta.url), "qingsheng");
}
