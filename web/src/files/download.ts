/**
 * Fetches one file of the build and gives back its bytes only when size and digest are right.
 *
 * Large files are written to the store part by part while they arrive. After an interruption the rest is asked
 * for with `Range`; a server that does not know ranges sends the whole file again, which is accepted too.
 *
 * A line that breaks or falls silent is tried again after a while, as long as `patience` says, from the byte that was reached.
 */
import { isAbort, QingshengError } from "../errors.ts";
import type { BuildFile } from "./build.ts";
import { type Bytes, verify } from "./digest.ts";
import { network } from "./network.ts";
import { pause, Watch } from "./patience.ts";
import { PART_BYTES, type Store } from "./store.ts";

export interface DownloadContext {
  readonly baseUrl: string;
  readonly store: Store | undefined;
  readonly signal?: AbortSignal;
  /** Milliseconds to wait before each further attempt over a broken line; whatever arrives renews it. None: one attempt. */
  readonly patience?: readonly number[];
  readonly onBytes?: (file: BuildFile, bytes: number) => void;
  /** Bytes that the host says the whole file takes on the line. */
  readonly onSize?: (file: BuildFile, transfer: number) => void;
}

export interface Download {
  readonly bytes: Bytes;
  /** Headers of the response, for keeping. */
  readonly headers: Headers;
}

export function networkFailed(url: string, cause: unknown): QingshengError {
  return new QingshengError(
    "network.failed",
    `${url} could not be fetched: ${cause instanceof Error ? cause.message : String(cause)}.`,
    "Check the connection, then try again; what has arrived already is kept.",
    { url },
  );
}

/** A response that is neither 200 nor 206 is never content. */
export function refuseStatus(url: string, status: number): QingshengError {
  if (status === 404 || status === 410) {
    return new QingshengError(
      "file.missing",
      `${url} answered ${status}, expected 200.`,
      "Serve the whole built folder; if it was just updated, reload the page.",
      { url, status },
    );
  }
  return new QingshengError("network.failed", `${url} answered ${status}, expected 200.`, "Try again later.", {
    url,
    status,
  });
}

export async function fetchChecked(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await network(url, init);
  } catch (error) {
    if (isAbort(error)) throw error;
    throw networkFailed(url, error);
  }
  if (!response.ok) throw refuseStatus(url, response.status);
  return response;
}

/** Answers that a later attempt may change: a server that is overloaded, restarting or behind a proxy that waits for it. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

function mayPass(error: unknown): error is QingshengError {
  if (!(error instanceof QingshengError) || error.code !== "network.failed") return false;
  const { status } = error.detail;
  return typeof status !== "number" || PASSING.has(status);
}

/** Tries once more from the beginning when what arrived is not what was promised: a stale part, a bad proxy. */
export async function download(file: BuildFile, context: DownloadContext): Promise<Download> {
  const url = new URL(file.path, context.baseUrl).href;
  const parts = new PartWriter(file, context.store);
  try {
    const finished = await attempt(file, url, context, parts, "default");
    await parts.drop();
    return finished;
  } catch (error) {
    if (!(error instanceof QingshengError) || error.code !== "file.corrupt") throw error;
  }
  await parts.drop();
  return attempt(file, url, context, new PartWriter(file, undefined), "reload");
}

async function attempt(
  file: BuildFile,
  url: string,
  context: DownloadContext,
  parts: PartWriter,
  cache: RequestCache,
): Promise<Download> {
  const into = new Filling(file, await parts.read(), parts, context.onBytes);
  let waits = context.patience ?? [];
  for (;;) {
    const before = into.length;
    try {
      const headers = await receive(file, url, into, cache, context);
      const bytes = into.bytes();
      await verify(file, bytes, url);
      return { bytes, headers };
    } catch (error) {
      if (into.length > before) waits = context.patience ?? [];
      const [wait, ...further] = waits;
      if (wait === undefined || !mayPass(error)) throw error;
      waits = further;
      await pause(wait, context.signal);
    }
  }
}

/** The rest of the file, from what is there on. Gives the headers of the answer. */
async function receive(
  file: BuildFile,
  url: string,
  into: Filling,
  cache: RequestCache,
  context: DownloadContext,
): Promise<Headers> {
  const resume = into.length > 0 && into.length < file.bytes;
  const watch = new Watch(context.signal);
  try {
    const init: RequestInit = { cache, signal: watch.signal };
    if (resume) init.headers = { Range: `bytes=${into.length}-` };
    const response = await fetchChecked(url, init);
    if (!resume || response.status !== 206) into.restart();
    // Of the encoded form, where it is encoded; some hosts do not say.
    if (response.status === 200) context.onSize?.(file, Number(response.headers.get("content-length")) || 0);
    await readBody(file, url, response, into, watch);
    return response.headers;
  } finally {
    watch.end();
  }
}

/** One buffer of the expected size, filled as the bytes come: no second copy of a large file. */
async function readBody(file: BuildFile, url: string, response: Response, into: Filling, watch: Watch): Promise<void> {
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (done) break;
      watch.touch();
      if (into.length + value.byteLength > file.bytes) {
        await reader?.cancel();
        throw tooLong(file, url);
      }
      into.add(value);
    }
  } catch (error) {
    if (error instanceof QingshengError || isAbort(error)) throw error;
    throw networkFailed(url, error);
  }
}

function tooLong(file: BuildFile, url: string): QingshengError {
  return new QingshengError(
    "file.corrupt",
    `${url} has more than the expected ${file.bytes} bytes.`,
    "Load again; if it stays so, the server holds an incomplete or mixed build: deploy it anew.",
    { url, path: file.path, expectedBytes: file.bytes },
  );
}

/** Parts of a large file in the store. Keeping them is a favour to the next attempt; it must not fail this one. */
class PartWriter {
  private readonly pending: Promise<void>[] = [];

  constructor(
    private readonly file: BuildFile,
    private readonly store: Store | undefined,
  ) {}

  async read(): Promise<Bytes[]> {
    if (!this.store || this.file.bytes <= PART_BYTES) return [];
    return this.store.parts(this.file).catch(() => []);
  }

  write(index: number, bytes: Bytes): void {
    if (this.store) this.pending.push(this.store.putPart(this.file, index, bytes).catch(() => undefined));
  }

  /** After the writes under way, or they would leave orphans. */
  async drop(): Promise<void> {
    await Promise.all(this.pending);
    if (this.file.bytes > PART_BYTES) await this.store?.dropParts(this.file).catch(() => undefined);
  }
}

class Filling {
  length = 0;
  private readonly buffer: Bytes;
  private saved: number;
  private savedBytes: number;

  constructor(
    private readonly file: BuildFile,
    have: readonly Bytes[],
    private readonly parts: PartWriter,
    private readonly onBytes: DownloadContext["onBytes"],
  ) {
    this.buffer = new Uint8Array(file.bytes);
    for (const part of have) this.append(part);
    this.saved = have.length;
    this.savedBytes = this.length;
  }

  add(piece: Uint8Array): void {
    this.append(piece);
    // The last part is not written: the finished file follows at once.
    while (this.length - this.savedBytes >= PART_BYTES && this.length < this.file.bytes) this.savePart();
  }

  /** The whole file comes. */
  restart(): void {
    this.length = 0;
    this.saved = 0;
    this.savedBytes = 0;
  }

  bytes(): Bytes {
    return this.length === this.buffer.byteLength ? this.buffer : this.buffer.subarray(0, this.length);
  }

  private append(piece: Uint8Array): void {
    this.buffer.set(piece, this.length);
    this.length += piece.byteLength;
    this.onBytes?.(this.file, this.length);
  }

  private savePart(): void {
    const end = this.savedBytes + PART_BYTES;
    this.parts.write(this.saved, this.buffer.slice(this.savedBytes, end));
    this.saved += 1;
    this.savedBytes = end;
  }
}
