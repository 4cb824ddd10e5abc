/** What a page and its engine worker say to each other, recorded in the page; to be added as an initial script. */
import type { FromWorker, SpeechOptions, ToWorker } from "../../web/src/protocol.ts";

declare global {
  /** What the page asked of the worker. */
  var sent: ToWorker[];
  /** Root mean square of each chunk that came back. */
  var loudness: number[];
}

export function recordWorker(): void {
  globalThis.sent = [];
  globalThis.loudness = [];
  const Plain = globalThis.Worker;
  globalThis.Worker = class extends Plain {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      this.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
        if (data.type !== "chunk") return;
        const { samples } = data.chunk;
        globalThis.loudness.push(Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length));
      });
    }
    override postMessage(message: ToWorker, ...rest: unknown[]): void {
      globalThis.sent.push(structuredClone(message));
      super.postMessage(message, ...(rest as []));
    }
  };
}

/** In the page: the last text that was to be spoken, and how. */
export function lastOpened(): { text: string; options: SpeechOptions; from: number } | undefined {
  const opened = globalThis.sent.findLast((message) => message.type === "open");
  return opened?.type === "open" ? { text: opened.text, options: opened.options, from: opened.from } : undefined;
}
