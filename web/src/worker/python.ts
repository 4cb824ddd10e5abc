/** The Python side as typed functions: each PyProxy is fetched once and called with values (`bridge.py`). */
import type { PyodideInterface } from "pyodide";
import type { PyCallable, PyProxy } from "pyodide/ffi";
import { fromPythonRecord, QingshengError } from "../errors.ts";
import type { Bytes } from "../files/digest.ts";
import type { CallName, Chunk, Control, Emotion, Notice, SpeechOptions } from "../protocol.ts";
import { CALLS, type CalledFunction, calledFunction, fromPython, toPython } from "./calls.ts";

export interface VoiceInfo {
  readonly id: string;
  readonly name: string;
  readonly speaker: string;
  readonly language: string;
  readonly sample_rate: number;
  readonly license: string;
  readonly attribution: string;
  readonly controls: readonly Control[];
  readonly default: boolean;
}

/** As written by `bridge.next_chunk`; spans are UTF-16 already. */
interface ChunkMeta {
  readonly index: number;
  readonly sample_rate: number;
  readonly start: number;
  readonly stop: number;
  readonly last: boolean;
  readonly words: readonly {
    readonly text: string;
    readonly start: number;
    readonly stop: number;
    readonly begin_s: number;
    readonly end_s: number;
    readonly estimated: boolean;
  }[];
  readonly sentence: number;
  readonly phones: readonly { readonly phone: string; readonly begin_s: number; readonly end_s: number }[];
  readonly pitch: { readonly step_s: number; readonly hertz: readonly number[] };
  readonly marks: readonly {
    readonly name: string;
    readonly start: number;
    readonly stop: number;
    readonly at_s: number;
  }[];
  readonly notices: readonly Notice[];
  readonly timings: Readonly<Record<string, number>>;
  readonly emotion: Emotion | null;
}

const OWN_FUNCTIONS = [
  "boot",
  "load_voice",
  "load_model",
  "voices",
  "start",
  "next_chunk",
  "cancel",
  "release_voice",
] as const;
type FunctionName = (typeof OWN_FUNCTIONS)[number] | CalledFunction;
const FUNCTIONS: readonly FunctionName[] = [...OWN_FUNCTIONS, ...Object.values(CALLS)];

export class PythonEngine {
  private readonly functions: ReadonlyMap<FunctionName, PyCallable>;

  constructor(pyodide: PyodideInterface) {
    const module = pyodide.pyimport("py_engine.runtime.bridge") as PyProxy & Record<FunctionName, PyCallable>;
    try {
      // Copies: what is borrowed from the module would go with it.
      this.functions = new Map(FUNCTIONS.map((name) => [name, module[name].copy() as PyCallable]));
    } finally {
      module.destroy();
    }
  }

  boot(): { readonly engine: string; readonly format: number } {
    return JSON.parse(this.call("boot"));
  }

  async loadVoice(manifest: string, files: Readonly<Record<string, Bytes>>): Promise<VoiceInfo[]> {
    return JSON.parse(await this.callAsync("load_voice", manifest, files));
  }

  async loadModel(name: string, manifest: string, bytes: Bytes): Promise<void> {
    await this.callAsync("load_model", name, manifest, bytes);
  }

  /** Its models go when the last stream that uses them has ended. */
  releaseVoice(id: string): void {
    this.call("release_voice", id);
  }

  voices(): VoiceInfo[] {
    return JSON.parse(this.call("voices"));
  }

  start(job: number, text: string, options: SpeechOptions, from = 0): void {
    this.call("start", job, text, JSON.stringify(options), from);
  }

  async nextChunk(job: number): Promise<Chunk | undefined> {
    const result = await this.callAsync<{ samples: Float32Array; meta: string } | undefined>("next_chunk", job);
    return result && spokenChunk(result.samples, JSON.parse(result.meta));
  }

  /** A request with one answer. */
  async answer(name: CallName, args: readonly unknown[]): Promise<unknown> {
    return fromPython(await this.callAsync<unknown>(calledFunction(name), ...args.map(toPython)));
  }

  cancel(job: number): void {
    this.call("cancel", job);
  }

  private call<T = string>(name: FunctionName, ...values: unknown[]): T {
    return checked<T>(this.function(name)(...values));
  }

  private async callAsync<T = string>(name: FunctionName, ...values: unknown[]): Promise<T> {
    return checked<T>(await this.function(name)(...values));
  }

  private function(name: FunctionName): PyCallable {
    const callable = this.functions.get(name);
    if (!callable) throw new QingshengError("runtime.failed", `The Python engine has no function ${name}.`);
    return callable;
  }
}

function checked<T>(result: unknown): T {
  const error = (result as { error?: Readonly<Record<string, unknown>> } | undefined)?.error;
  if (error) throw fromPythonRecord(error);
  return result as T;
}

function spokenChunk(samples: Float32Array, meta: ChunkMeta): Chunk {
  const { index, sentence, sample_rate, start, stop, last, words, phones, pitch, marks, notices, timings } = meta;
  return {
    index,
    sentence,
    // A copy outside the wasm heap already, so its buffer can be transferred.
    samples: samples as Float32Array<ArrayBuffer>,
    sampleRate: sample_rate,
    span: { start, stop },
    words: words.map((word) => ({
      text: word.text,
      start: word.start,
      stop: word.stop,
      begin: word.begin_s,
      end: word.end_s,
      estimated: word.estimated,
    })),
    phones: phones.map(({ phone, begin_s, end_s }) => ({ phone, begin: begin_s, end: end_s })),
    pitch: { step: pitch.step_s, hertz: pitch.hertz },
    marks: marks.map(({ name, start, stop, at_s }) => ({ name, start, stop, at: at_s })),
    notices,
    last,
    emotion: meta.emotion,
    synthesisSeconds: Object.values(timings).reduce((sum, seconds) => sum + seconds, 0),
  };
}
