/** The public client in a page, driven from the test. Only plain values cross. */
import type { Page } from "@playwright/test";
import type { Chunk, LoadOptions, Qingsheng, SpeechOptions } from "../../web/src/index.ts";

declare global {
  var tts: Qingsheng | undefined;
}

export interface SpokenChunk extends Omit<Chunk, "samples"> {
  readonly samples: Float32Array;
}

/** As text, since Playwright looks at every element of an array that leaves the page. */
interface WireChunk extends Omit<Chunk, "samples"> {
  readonly base64: string;
}

/** How something ended, as a value: errors lose their code on the way out of the page. */
export type Outcome<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "failed"; readonly code: string; readonly message: string; readonly remedy: string };

export type PlainLoadOptions = Pick<LoadOptions, "voice" | "threads">;

/** Loads an engine into the page, where it stays as `tts`. Gives the load's progress events. */
export async function load(page: Page, options: PlainLoadOptions = {}) {
  return page.evaluate(async (options): Promise<Outcome<import("../../web/src/index.ts").Progress[]>> => {
    const events: import("../../web/src/index.ts").Progress[] = [];
    try {
      const { Qingsheng } = await import(new URL("qingsheng.js", document.baseURI).href);
      globalThis.tts = await Qingsheng.load({
        ...options,
        onProgress: (event: import("../../web/src/index.ts").Progress) => events.push(event),
      });
      return { kind: "done", value: events };
    } catch (error) {
      const { code = "none", message, remedy = "" } = error as Error & { code?: string; remedy?: string };
      return { kind: "failed", code, message, remedy };
    }
  }, options);
}

export async function stream(page: Page, text: string, options: SpeechOptions = {}): Promise<Outcome<SpokenChunk[]>> {
  const outcome = await page.evaluate(
    async ({ text, options }): Promise<Outcome<WireChunk[]>> => {
      const chunks: WireChunk[] = [];
      const encode = (bytes: Uint8Array) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
      try {
        if (!globalThis.tts) throw new Error("no engine was loaded");
        for await (const chunk of globalThis.tts.stream(text, options)) {
          const { samples, ...rest } = chunk;
          chunks.push({ ...rest, base64: encode(new Uint8Array(samples.buffer)) });
        }
        return { kind: "done", value: chunks };
      } catch (error) {
        const { code = "none", message, remedy = "" } = error as Error & { code?: string; remedy?: string };
        return { kind: "failed", code, message, remedy };
      }
    },
    { text, options },
  );
  return outcome.kind === "done" ? { kind: "done", value: outcome.value.map(decoded) } : outcome;
}

function decoded({ base64, ...rest }: WireChunk): SpokenChunk {
  return { ...rest, samples: new Float32Array(Uint8Array.from(Buffer.from(base64, "base64")).buffer) };
}

export function value<T>(outcome: Outcome<T>): T {
  if (outcome.kind === "done") return outcome.value;
  throw new Error(`${outcome.code}: ${outcome.message}`);
}

export function codeOf(outcome: Outcome<unknown>): string | undefined {
  return outcome.kind === "failed" ? outcome.code : undefined;
}

/** All chunks as one sound. */
export function joined(chunks: readonly SpokenChunk[]) {
  const samples = Float32Array.from(chunks.flatMap((chunk) => Array.from(chunk.samples)));
  return { samples, sampleRate: chunks[0]?.sampleRate ?? 0 };
}
