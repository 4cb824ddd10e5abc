/** The heap of the engine's worker, looked at from outside: after a garbage collection, so that only what is held counts. */
import type { CDPSession, Page } from "@playwright/test";

export interface Heap {
  /** Bytes of JavaScript objects. */
  readonly usedSize: number;
  /** Bytes of array buffers, WebAssembly's memories among them. */
  readonly backingStorageSize: number;
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

export class WorkerHeap {
  private session = "";
  private lastId = 0;
  private readonly waiting = new Map<number, (answer: Answer) => void>();

  private constructor(private readonly client: CDPSession) {}

  /** To be called before the worker starts. */
  static async watch(page: Page, name: string): Promise<WorkerHeap> {
    const client = await page.context().newCDPSession(page);
    const heap = new WorkerHeap(client);
    client.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => {
      if (targetInfo.type === "worker" && targetInfo.title === name) heap.session = sessionId;
    });
    client.on("Target.receivedMessageFromTarget", ({ message }) => {
      const answer: Answer = JSON.parse(message);
      if (answer.id !== undefined) heap.waiting.get(answer.id)?.(answer);
    });
    await client.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
    return heap;
  }

  async size(): Promise<Heap> {
    // The first collection finds what its finalisers let go of, the second takes it.
    for (let n = 0; n < 2; n++) await this.ask("HeapProfiler.collectGarbage");
    return (await this.ask("Runtime.getHeapUsage")) as Heap;
  }

  private ask(method: string): Promise<unknown> {
    this.lastId += 1;
    const id = this.lastId;
    const answer = new Promise<Answer>((resolve) => this.waiting.set(id, resolve));
    const message = JSON.stringify({ id, method });
    return this.client
      .send("Target.sendMessageToTarget", { sessionId: this.session, message })
      .then(() => answer)
      .then(({ result, error }) => {
        if (error) throw new Error(`${method}: ${error.message}`);
        return result;
      });
  }
}
