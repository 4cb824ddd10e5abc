/** The engine's worker. */

import workerUrl from "../worker/main.ts?worker&url";
import { workerFrom } from "../worker/worker-from.ts";

/** It lies beside this module, as long as that is where the build put it. */
export const WORKER_URL = new URL(workerUrl, import.meta.url);

export function startWorker(): Worker {
  return workerFrom(WORKER_URL, "qingsheng");
}
