/** The whole text as a file: made part by part, so that a book does not fill the memory. */

import { shown } from "../../audio/bare.ts";
import type { SubtitledChunk } from "../../audio/subtitles.ts";
import { creditOf, encodeSubtitles, type Qingsheng, QingshengError, type SpeechOptions } from "../../index.ts";
import type { Chunk } from "../../protocol.ts";
import { parts } from "../parts.ts";
import type { Prepare } from "../queue.ts";
import { OpusFile } from "./opus.ts";
import { steadily } from "./steadily.ts";
import { WavFile } from "./wav-file.ts";

export const FORMATS = ["wav", "opus", "srt", "vtt"] as const;
export type Format = (typeof FORMATS)[number];

export const EXTENSIONS: Readonly<Record<Format, string>> = { wav: "wav", opus: "webm", srt: "srt", vtt: "vtt" };

export interface Job {
  readonly text: string;
  readonly options: SpeechOptions;
  readonly format: Format;
  readonly signal: AbortSignal;
  /** 0 to 1. */
  onProgress(share: number): void;
}

/** Throws `cancelled` when the signal says so, and `text.empty` where nothing can be spoken. */
export async function exported(tts: Qingsheng, prepare: Prepare, job: Job): Promise<Blob> {
  const target = job.format === "wav" ? new WavFile() : job.format === "opus" ? new Opus() : new Subtitles(job);
  for (const span of parts(job.text)) {
    const part = prepare(job.text, span);
    try {
      for await (const chunk of steadily(tts, part.spoken, { ...job.options, signal: job.signal })) {
        target.add(chunk, part.back);
        job.onProgress(part.back(chunk.span.stop) / job.text.length);
      }
    } catch (error) {
      // A part without words, such as a line of asterisks, does not end the work.
      if (!(error instanceof QingshengError && error.code === "text.empty")) throw error;
    }
  }
  if (target.seconds === 0) {
    throw new QingshengError("text.empty", "There is nothing to speak.", "Write something.");
  }
  return target.finish(await credit(tts, job.options.voice));
}

/** Known since the voice has spoken. */
async function credit(tts: Qingsheng, chosen: SpeechOptions["voice"]): Promise<string> {
  const id = chosen ?? (await tts.info()).defaultVoice;
  const pack = (one: string) => one.split("/")[0];
  const voice = (await tts.voices()).find((one) => pack(one.id) === pack(id));
  return voice ? creditOf(voice) : "";
}

interface Target {
  readonly seconds: number;
  add(chunk: Chunk, back: (offset: number) => number): void;
  /** credit: whose voice it is, for formats that can say so. */
  finish(credit: string): Blob | Promise<Blob>;
}

class Opus implements Target {
  seconds = 0;
  private file: OpusFile | undefined;

  add({ samples, sampleRate }: Chunk): void {
    this.file ??= new OpusFile(sampleRate);
    this.file.add(samples);
    this.seconds += samples.length / sampleRate;
  }

  finish(credit: string): Promise<Blob> {
    return this.file?.finish(credit) ?? Promise.resolve(new Blob());
  }
}

class Subtitles implements Target {
  seconds = 0;
  private readonly chunks: SubtitledChunk[] = [];
  private readonly shown;
  private sentences = 0;

  constructor(private readonly job: Job) {
    this.shown = shown(job.text, job.options.markup);
  }

  add({ samples, sampleRate, words, sentence, index }: Chunk, back: (offset: number) => number): void {
    const place = (offset: number) => this.shown.at(back(offset));
    // Each part counts its sentences anew.
    if (index === 0) this.sentences += 1000;
    this.chunks.push({
      sampleRate,
      samples: { length: samples.length },
      sentence: this.sentences + sentence,
      words: words.map((word) => ({ ...word, start: place(word.start), stop: place(word.stop) })),
    });
    this.seconds += samples.length / sampleRate;
  }

  finish(): Blob {
    const format = this.job.format === "srt" ? "srt" : "vtt";
    const type = format === "srt" ? "application/x-subrip" : "text/vtt";
    return new Blob([encodeSubtitles(this.chunks, this.shown.text, format, "none")], { type });
  }
}
