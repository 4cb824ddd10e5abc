/** One engine worker, from its start to its end. A new worker is a new connection, so nothing stale gets through. */
import { cancelled, QingshengError } from "../errors.ts";
import { PendingCalls } from "../pending-calls.ts";
import type {
  BootOptions,
  CallName,
  Calls,
  EngineInfo,
  FromWorker,
  Progress,
  SpeechOptions,
  ToWorker,
  Voice,
} from "../protocol.ts";
import { uuid } from "../random.ts";
import { RemoteStream } from "./remote-stream.ts";
import { startWorker, WORKER_URL } from "./start-worker.ts";
import { Watchdog } from "./watchdog.ts";

export interface ConnectionEvents {
  onProgress(progress: Progress): void;
  onKept(complete: boolean): void;
  /** The worker fell silent while streams in these styles were open; `onLost` follows. */
  onHung(seconds: number, styles: readonly string[]): void;
  /** The connection is of no use any more. */
  onLost(error: QingshengError): void;
}

type State =
  | { readonly kind: "booting" }
  | { readonly kind: "ready"; readonly info: EngineInfo }
  | { readonly kind: "closed"; readonly error: QingshengError };

export class Connection {
  readonly ready: Promise<EngineInfo>;
  private state: State = { kind: "booting" };
  private settleReady: { resolve(info: EngineInfo): void; reject(error: QingshengError): void } | undefined;
  private readonly worker: Worker;
  private readonly streams = new Map<number, RemoteStream>();
  /** Of the open streams. */
  private readonly styles = new Map<number, string>();
  private readonly calls = new PendingCalls();
  private readonly lock = `qingsheng-worker-${uuid()}`;
  private readonly closing = new AbortController();
  private readonly watchdog = new Watchdog({
    ping: () => this.send({ type: "ping" }),
    hung: (seconds) => {
      this.events.onHung(seconds, [...this.styles.values()]);
      this.lose(workerLost(`it has not answered for ${seconds} seconds`));
    },
  });
  private lastId = 0;
  /** Whether anything was heard of it. */
  private started = false;

  constructor(
    options: BootOptions,
    private readonly events: ConnectionEvents,
  ) {
    this.ready = new Promise((resolve, reject) => {
      this.settleReady = { resolve, reject };
    });
    this.ready.catch(() => undefined);
    this.worker = startWorker();
    this.worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => this.receive(data));
    this.worker.addEventListener("error", (event) =>
      this.lose(this.started ? workerLost(event.message || "it failed") : workerUnstarted()),
    );
    this.worker.addEventListener("messageerror", () => this.lose(workerLost("a message could not be read")));
    this.send({ type: "boot", options, lock: this.lock });
  }

  voices(): readonly Voice[] {
    return this.state.kind === "ready" ? this.state.info.voices : [];
  }

  /** The voice of an id, of the default where there is none, as far as it is known yet. */
  voice(id?: string | null): Voice | undefined {
    if (this.state.kind !== "ready") return undefined;
    const { voices, defaultVoice } = this.state.info;
    const wanted = id ?? defaultVoice;
    return voices.find((voice) => voice.id === wanted) ?? voices.find((voice) => voice.id === wanted.split("/")[0]);
  }

  /** from, hurry: as in `ToWorker`. */
  open(text: string, options: SpeechOptions, from = 0, hurry = false): RemoteStream {
    if (this.state.kind === "closed") throw this.state.error;
    this.lastId += 1;
    const id = this.lastId;
    const stream = new RemoteStream({
      next: () => this.send({ type: "next", id }),
      close: () => {
        this.take(id);
        this.send({ type: "close", id });
        this.attend();
      },
    });
    this.streams.set(id, stream);
    if (options.style) this.styles.set(id, options.style);
    this.send({ type: "open", id, text, options, from, hurry });
    this.attend();
    return stream;
  }

  /** A request with one answer. Rejects with the engine's error, or with that of the connection when it is gone. */
  call<Name extends CallName>(name: Name, ...args: Calls[Name]["args"]): Promise<Calls[Name]["result"]> {
    if (this.state.kind === "closed") return Promise.reject(this.state.error);
    this.lastId += 1;
    const answer = this.calls.add<Calls[Name]["result"]>(this.lastId);
    this.send({ type: "call", id: this.lastId, name, args });
    this.attend();
    return answer;
  }

  close(error: QingshengError = cancelled()): void {
    if (this.state.kind === "closed") return;
    this.state = { kind: "closed", error };
    this.closing.abort();
    this.watchdog.end();
    this.worker.terminate();
    this.settleReady?.reject(error);
    const open = [...this.streams.values()];
    this.streams.clear();
    for (const stream of open) stream.fail(error);
    this.calls.failAll(error);
  }

  private send(message: ToWorker): void {
    if (this.state.kind !== "closed") this.worker.postMessage(message);
  }

  private receive(message: FromWorker): void {
    if (this.state.kind === "closed") return;
    this.started = true;
    this.watchdog.heard();
    this.handle(message);
    this.attend();
  }

  private handle(message: FromWorker): void {
    switch (message.type) {
      case "alive":
        void this.watch();
        break;
      case "progress":
        this.events.onProgress(message.progress);
        break;
      case "ready":
        this.state = { kind: "ready", info: message.info };
        this.watchdog.ready();
        this.settleReady?.resolve(message.info);
        break;
      case "voices":
        if (this.state.kind === "ready") {
          this.state = { kind: "ready", info: { ...this.state.info, voices: message.voices } };
        }
        break;
      case "kept":
        this.events.onKept(message.complete);
        break;
      case "chunk":
        this.streams.get(message.id)?.deliver(message.chunk);
        break;
      case "end":
        this.take(message.id)?.end();
        break;
      case "result":
        this.calls.resolve(message.id, message.value);
        break;
      case "failed":
        this.failed(QingshengError.fromWire(message.error), message.id);
        break;
      case "pong":
        break;
    }
  }

  private failed(error: QingshengError, id: number | undefined): void {
    if (id === undefined) this.lose(error);
    else if (!this.calls.reject(id, error)) this.take(id)?.fail(error);
  }

  private take(id: number): RemoteStream | undefined {
    const stream = this.streams.get(id);
    this.streams.delete(id);
    this.styles.delete(id);
    return stream;
  }

  /** Only a worker that has spoken once and owes something can hang: before, its script may still be on its way. */
  private attend(): void {
    const owes = this.state.kind === "booting" || this.streams.size > 0 || this.calls.size > 0;
    this.watchdog.expect(this.state.kind !== "closed" && owes);
  }

  /** A worker that is killed sends no event; but its lock becomes free. */
  private async watch(): Promise<void> {
    try {
      await navigator.locks.request(this.lock, { signal: this.closing.signal }, () => undefined);
    } catch {
      return;
    }
    this.lose(workerLost("it ended"));
  }

  private lose(error: QingshengError): void {
    if (this.state.kind === "closed") return;
    this.close(error);
    this.events.onLost(error);
  }
}

function workerUnstarted(): QingshengError {
  return new QingshengError(
    "worker.lost",
    `The engine worker did not start: ${WORKER_URL.href} is not there, is no script, or the page's policy forbids it.`,
    "Serve the folder of the site as it is, let no bundler take qingsheng.js in, and allow workers (worker-src).",
    { url: WORKER_URL.href },
  );
}

function workerLost(how: string): QingshengError {
  return new QingshengError(
    "worker.lost",
    `The engine worker is gone: ${how}.`,
    "Ask again: the next call starts a new worker. If it keeps happening, the device is short of memory.",
    { how },
  );
}
