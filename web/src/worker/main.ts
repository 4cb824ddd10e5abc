/** The engine worker: takes messages, runs one job at a time, answers. */
import { cancelled, QingshengError, toQingshengError } from "../errors.ts";
import type { CallName, FromWorker, ToWorker } from "../protocol.ts";
import { type Booted, boot, fetchPack } from "./boot.ts";
import { listVoices, packFiles, packOf, packsOf } from "./catalog.ts";
import { loadModels } from "./models.ts";
import type { VoiceInfo } from "./python.ts";
import { JobQueue } from "./queue.ts";

type Opened = Extract<ToWorker, { type: "open" }>;
/** rest: to be called when it is over. */
type StreamState = { readonly kind: "waiting"; readonly opened: Opened } | { readonly kind: "started"; rest(): void };

/** UTF-16 code units: what is shorter has few utterances, of which no two are made at once. */
const WORTH_A_HURRY = 100;

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const queue = new JobQueue();
const streams = new Map<number, StreamState>();
let engine: Promise<Booted> | undefined;
/** Speakers of the packs that the engine has held. */
const known = new Map<string, VoiceInfo>();
/** Requests that wait for the front end's models; all others do without. */
const NEEDS_MODELS: ReadonlySet<CallName> = new Set<CallName>(["infer"]);
let models: Promise<void> | undefined;

function post(message: FromWorker, transfer: Transferable[] = []): void {
  scope.postMessage(message, transfer);
}

/** Held until the worker ends, however it ends: the page cannot otherwise learn of a worker that was killed. */
function holdLock(name: string): void {
  const held = navigator.locks?.request(name, () => {
    post({ type: "alive" });
    return new Promise(() => undefined);
  });
  // Refused where all of the site's storage is: then a killed worker goes unnoticed.
  held?.catch(() => undefined);
}

async function start(message: Extract<ToWorker, { type: "boot" }>): Promise<void> {
  holdLock(message.lock);
  engine = boot(message.options, (progress) => post({ type: "progress", progress }));
  const booted = await engine;
  const { version, threads, defaultVoice, catalog } = booted;
  const voices = listVoices(catalog, booted.engine.voices());
  post({ type: "ready", info: { version, threads, defaultVoice, voices } });
  models = loadModels(booted.loader, booted.engine, queue);
  const held = await models.then(
    () => true,
    () => false,
  );
  const complete = (await booted.loader.allKept()) && held;
  post({ type: "kept", complete });
}

async function booted(): Promise<Booted> {
  if (!engine) throw new QingshengError("runtime.failed", "A request came before the engine was started.");
  return engine;
}

/**
 * A voice that is not here is fetched when it is asked for, and takes the place of the one that is: memory is for one. What
 * cannot be fetched drives nothing out; streams of the voice that goes keep it until they end.
 */
async function ensureVoice({ engine, loader, catalog }: Booted, voice: string): Promise<void> {
  const before = engine.voices();
  const held = packsOf(before);
  const pack = packOf(catalog, voice);
  if (held.has(pack)) return;
  const { manifest, files } = await fetchPack(packFiles(loader.build, catalog, pack), (file) => loader.bytes(file));
  for (const info of before) known.set(info.id, info);
  for (const other of held) engine.releaseVoice(other);
  await engine.loadVoice(manifest, files);
  post({ type: "voices", voices: listVoices(catalog, engine.voices(), [...known.values()]) });
}

/** One chunk of one stream. A stream that was closed meanwhile is unknown and gives nothing. */
async function step(id: number): Promise<void> {
  const all = await booted();
  const state = streams.get(id);
  if (!state) return;
  if (state.kind === "waiting") {
    const { text, options, from } = state.opened;
    const voice = options.voice ?? all.defaultVoice;
    await ensureVoice(all, voice);
    if (!streams.has(id)) throw cancelled();
    all.engine.start(id, text, { ...options, voice }, from);
    streams.set(id, { kind: "started", rest: hurry(all, state.opened) });
  }
  const chunk = await all.engine.nextChunk(id);
  if (!streams.has(id)) return;
  if (chunk) {
    post({ type: "chunk", id, chunk }, [chunk.samples.buffer]);
  } else {
    forget(id);
    post({ type: "end", id });
  }
}

function hurry({ host }: Booted, { text, from, hurry }: Opened): () => void {
  const length = text.length - from;
  if (!hurry || length < WORTH_A_HURRY) return () => undefined;
  host.hurry(length);
  return () => host.rest();
}

/** What was known of it. */
function forget(id: number): StreamState | undefined {
  const state = streams.get(id);
  streams.delete(id);
  if (state?.kind === "started") state.rest();
  return state;
}

async function close(id: number): Promise<void> {
  if (forget(id)?.kind === "started") (await booted()).engine.cancel(id);
}

/** Beside the streams, and between two chunks of theirs. */
async function answer({ id, name, args }: Extract<ToWorker, { type: "call" }>): Promise<void> {
  const { engine } = await booted();
  if (NEEDS_MODELS.has(name)) await models;
  post({ type: "result", id, value: await engine.answer(name, args) });
}

/** After a trap or an exhausted heap Pyodide answers nothing more; only a new worker helps. */
function isFatal(error: unknown): boolean {
  return (
    error instanceof WebAssembly.RuntimeError ||
    (error instanceof Error &&
      (error.name === "PyodideFatalError" || error.message.includes("Pyodide already fatally")))
  );
}

function fail(error: unknown, id?: number): void {
  if (isFatal(error)) scope.close();
  else post({ type: "failed", error: toQingshengError(error).toWire(), ...(id !== undefined && { id }) });
}

/** A stream that was closed meanwhile is told nothing. */
function failStream(error: unknown, id: number): void {
  if (forget(id) || isFatal(error)) fail(error, id);
}

scope.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  switch (data.type) {
    case "boot":
      start(data).catch((error) => fail(error));
      break;
    case "open":
      streams.set(data.id, { kind: "waiting", opened: data });
      break;
    case "call":
      answer(data).catch((error) => fail(error, data.id));
      break;
    case "next":
      queue.run(() => step(data.id)).catch((error) => failStream(error, data.id));
      break;
    case "close":
      close(data.id).catch(() => undefined);
      break;
    case "ping":
      post({ type: "pong" });
      break;
  }
});
