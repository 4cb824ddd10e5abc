/**
 * The threads of the models. One holds all of them. While somebody is in a hurry, a helper has the patient ones too and takes every
 * other relay: of two utterances each is made in a thread of its own. It costs memory, so that it goes when the hurry is over.
 */
import type { WasmSource } from "../files/wasm.ts";
import type { HostTensors } from "./ort.ts";
import { RemoteSessions } from "./remote-sessions.ts";

/** Milliseconds that the helper is kept for the next hurry. */
const PATIENCE = 5000;
/** UTF-16 code units from which on it takes longer to make their sound than a helper to start. */
const WORTH_A_HELPER = 240;

export interface ThreadOptions {
  readonly newSessions?: () => RemoteSessions;
  readonly patience?: number;
}

/** Where the runs of a relay go. */
interface Route {
  readonly sessions: RemoteSessions;
  readonly handle: number;
}

export class ModelThreads {
  private readonly newSessions: () => RemoteSessions;
  private readonly first: RemoteSessions;
  /** onnxruntime's WebAssembly, with what the first thread has made of it. */
  private module: WebAssembly.Module | undefined;
  /** The files of patient models, outside the heap. */
  private readonly patients = new Map<number, Blob>();
  private readonly routes = new Map<number, Route>();
  private helper: Helper | undefined;
  private hurries = 0;
  /** UTF-16 code units of the hurries that go on, and of those since which it has not been quiet. */
  private wanted = 0;
  private leaving: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: ThreadOptions = {}) {
    this.newSessions = options.newSessions ?? (() => new RemoteSessions());
    this.first = this.newSessions();
  }

  /** How many models can run at once. */
  get count(): number {
    return this.helper?.ready ? 2 : 1;
  }

  async start(source: WasmSource, threads: number): Promise<void> {
    this.module = await this.first.start(source, threads);
  }

  /** patient: runs of other models that wait go first. */
  async create(model: Uint8Array<ArrayBuffer>, patient: boolean): Promise<number> {
    const file = patient && new Blob([model]);
    const handle = await this.first.create(model, patient);
    if (file) this.patients.set(handle, file);
    return handle;
  }

  async run(handle: number, feeds: HostTensors, relay?: number): Promise<HostTensors> {
    const route = relay === undefined ? this.usual(handle) : this.routeOf(relay, handle);
    try {
      return await route.sessions.run(route.handle, feeds, relay);
    } catch (error) {
      // What it has begun is lost with it; what comes next is not.
      if (route.sessions === this.helper?.sessions) this.dismiss();
      throw error;
    }
  }

  async forget(relay: number): Promise<void> {
    const route = this.routes.get(relay);
    this.routes.delete(relay);
    await route?.sessions.forget(relay);
    this.leaveIfOver();
  }

  async release(handle: number): Promise<void> {
    this.patients.delete(handle);
    await Promise.all([this.first.release(handle), this.helper?.release(handle)]);
  }

  /**
   * So much is to be said, in UTF-16 code units, as fast as it can be made, until `rest` was called as often. A text alone may
   * not be worth a helper; several in a row are, for the next.
   */
  hurry(length: number): void {
    this.hurries += 1;
    this.wanted += length;
    clearTimeout(this.leaving);
    this.leaving = undefined;
    if (this.module && this.wanted >= WORTH_A_HELPER)
      this.helper ??= new Helper(this.newSessions(), this.module, this.patients);
  }

  rest(): void {
    this.hurries -= 1;
    if (this.hurries > 0) return;
    this.leaving = setTimeout(() => {
      this.leaving = undefined;
      this.wanted = 0;
      this.leaveIfOver();
    }, this.options.patience ?? PATIENCE);
  }

  private usual(handle: number): Route {
    return { sessions: this.first, handle };
  }

  /** Of a new relay: the thread with fewer of them. */
  private routeOf(relay: number, handle: number): Route {
    const known = this.routes.get(relay);
    if (known) return known;
    const helper = this.helper?.route(handle);
    const route = helper && this.open(helper.sessions) < this.open(this.first) ? helper : this.usual(handle);
    this.routes.set(relay, route);
    return route;
  }

  private open(wanted: RemoteSessions): number {
    return [...this.routes.values()].filter(({ sessions }) => sessions === wanted).length;
  }

  private leaveIfOver(): void {
    const { helper } = this;
    if (helper && this.hurries === 0 && this.leaving === undefined && this.open(helper.sessions) === 0) this.dismiss();
  }

  private dismiss(): void {
    this.helper?.sessions.end();
    this.helper = undefined;
  }
}

/** The second thread, with those of the patient models that it has loaded by now. */
class Helper {
  private readonly handles = new Map<number, number>();

  get ready(): boolean {
    return this.handles.size > 0;
  }

  constructor(
    readonly sessions: RemoteSessions,
    module: WebAssembly.Module,
    patients: ReadonlyMap<number, Blob>,
  ) {
    // Without it everything is said as well, only later.
    this.start(module, [...patients]).catch(() => this.sessions.end());
  }

  route(handle: number): Route | undefined {
    const own = this.handles.get(handle);
    return own === undefined ? undefined : { sessions: this.sessions, handle: own };
  }

  async release(handle: number): Promise<void> {
    const own = this.handles.get(handle);
    this.handles.delete(handle);
    if (own !== undefined) await this.sessions.release(own);
  }

  private async start(module: WebAssembly.Module, patients: readonly (readonly [number, Blob])[]): Promise<void> {
    await this.sessions.start(module, 1);
    for (const [handle, file] of patients) {
      const model = new Uint8Array(await file.arrayBuffer());
      this.handles.set(handle, await this.sessions.create(model, true));
    }
  }
}
