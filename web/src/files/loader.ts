/** Brings verified files, from this device where they are kept, from the network otherwise. */
import { QingshengError } from "../errors.ts";
import { BUILD_FILE, type Build, type BuildFile, parseBuild } from "./build.ts";
import { type Bytes, verify } from "./digest.ts";
import { type DownloadContext, download, fetchChecked } from "./download.ts";
import { lookedAfter, openStore, type Store } from "./store.ts";
import type { WasmFile, WasmSource } from "./wasm.ts";

/** Milliseconds before each further attempt: long enough for a server to restart, short enough that somebody still waits. */
const PATIENCE = [500, 1000, 2000, 4000, 8000];

export interface LoaderEvents {
  onSize(file: BuildFile, transfer: number): void;
  onBytes(file: BuildFile, bytes: number): void;
  onKept(file: BuildFile): void;
}

export class Loader {
  private readonly writes: Promise<boolean>[] = [];

  private constructor(
    readonly baseUrl: string,
    readonly build: Build,
    private readonly store: Store | undefined,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Reads `build.json` anew: through the service worker offline, revalidated by the server otherwise. */
  static async open(baseUrl: string, signal?: AbortSignal): Promise<Loader> {
    const url = new URL(BUILD_FILE, baseUrl).href;
    const response = await fetchChecked(url, { cache: "no-cache", ...(signal && { signal }) });
    const build = parseBuild(await response.text(), url);
    return new Loader(baseUrl, build, await openStore(baseUrl), signal);
  }

  url(file: BuildFile): string {
    return new URL(file.path, this.baseUrl).href;
  }

  async bytes(file: BuildFile, events?: LoaderEvents): Promise<Bytes> {
    const kept = await this.fromStore(file);
    if (kept) {
      events?.onKept(file);
      return kept;
    }
    return (await this.download(file, events)).bytes;
  }

  /**
   * Downloaded where it is not on this device; where it is, left there until its bytes are wanted. A download is written down
   * first: the service worker can then answer for it, and the browser keeps the code that it compiles on this very visit.
   */
  async wasm(file: BuildFile, events?: LoaderEvents): Promise<WasmSource> {
    if (await this.store?.has(file)) {
      events?.onKept(file);
      return { ...this.named(file), kept: true, bytes: () => this.bytes(file) };
    }
    const { bytes, written } = await this.download(file, events);
    return { ...this.named(file), kept: await written, bytes: async () => bytes };
  }

  async text(file: BuildFile, events?: LoaderEvents): Promise<string> {
    return new TextDecoder().decode(await this.bytes(file, events));
  }

  /**
   * Settles when every write is through: true if all files are on this device now. What earlier builds left there then goes, on a page
   * of others that has the engine without the site's service worker.
   */
  async allKept(): Promise<boolean> {
    const { store } = this;
    if (!store) return false;
    const complete = (await Promise.all(this.writes)).every(Boolean);
    if (complete) await this.tidy(store).catch(() => undefined);
    return complete;
  }

  private named(file: BuildFile): WasmFile {
    return { url: this.url(file), sha256: file.sha256 };
  }

  private async tidy(store: Store): Promise<void> {
    if (await lookedAfter(this.baseUrl)) return;
    await store.prune(new Set(this.build.files.map(({ sha256 }) => sha256)));
  }

  /** A kept file that has gone bad is forgotten and fetched again. */
  private async fromStore(file: BuildFile): Promise<Bytes | undefined> {
    const response = await this.store?.match(file);
    if (!response) return undefined;
    const bytes = new Uint8Array(await response.arrayBuffer());
    try {
      await verify(file, bytes, this.url(file));
      return bytes;
    } catch (error) {
      if (!(error instanceof QingshengError) || error.code !== "file.corrupt") throw error;
      await this.store?.forget(file);
      return undefined;
    }
  }

  private async download(file: BuildFile, events?: LoaderEvents): Promise<{ bytes: Bytes; written: Promise<boolean> }> {
    const context: DownloadContext = {
      baseUrl: this.baseUrl,
      store: this.store,
      patience: PATIENCE,
      ...(this.signal && { signal: this.signal }),
      ...(events && { onBytes: events.onBytes, onSize: events.onSize }),
    };
    const { bytes, headers } = await download(file, context);
    return { bytes, written: this.keep(file, bytes, headers) };
  }

  /** In the background: a full disk costs the offline use, not this session. False where it could not be written. */
  private keep(file: BuildFile, bytes: Bytes, headers: Headers): Promise<boolean> {
    if (!this.store) return Promise.resolve(false);
    const write = this.store.put(file, bytes, headers).then(
      () => true,
      () => false,
    );
    this.writes.push(write);
    return write;
  }
}
