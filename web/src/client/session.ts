/** What a page told its engine, so that a restarted one is told again; except the styles that may have ended the one before. */
import type { Chunk, SpeechOptions, StyleInfo, StyleRecord } from "../protocol.ts";
import type { Connection } from "./connection.ts";

interface LoadedStyle {
  readonly info: StyleInfo;
  readonly record: StyleRecord;
  readonly source: string;
}

export class Session {
  private readonly words = new Map<string, string>();
  private readonly styles = new Map<string, LoadedStyle>();
  /** Why a style is not given to any engine until it is loaded again, by its id. */
  private readonly barred = new Map<string, string>();

  setWord(word: string, reading: string): void {
    if (reading) this.words.set(word, reading);
    else this.words.delete(word);
  }

  setStyle(info: StyleInfo, record: StyleRecord, source: string): void {
    this.styles.set(info.id, { info, record, source });
    this.barred.delete(info.id);
  }

  removeStyle(id: string): void {
    this.styles.delete(id);
    this.barred.delete(id);
  }

  /** The engine fell silent while it spoke in these styles. Another one that spoke in them would, too. */
  bar(styles: readonly string[], seconds: number): void {
    for (const id of styles) {
      if (this.styles.has(id))
        this.barred.set(id, `the engine did not answer for ${seconds} seconds while it was in use`);
    }
  }

  /** As `styles()` of the engine gives those that it has switched off itself. */
  barredStyles(): StyleInfo[] {
    return [...this.barred].flatMap(([id, error]) => {
      const style = this.styles.get(id);
      return style ? [{ ...style.info, state: "off" as const, error }] : [];
    });
  }

  /** The options without a barred style, and what says so with the first chunk. */
  allowed(options: SpeechOptions): { readonly options: SpeechOptions; readonly told: (chunk: Chunk) => Chunk } {
    const { style } = options;
    const error = style && this.barred.get(style);
    if (!error) return { options, told: (chunk) => chunk };
    const message = `style ${style} is switched off: ${error}.`;
    let first = true;
    const told = (chunk: Chunk): Chunk => {
      if (!first) return chunk;
      first = false;
      return { ...chunk, notices: [{ code: "style.failed", message, text: "", ...chunk.span }, ...chunk.notices] };
    };
    return { options: { ...options, style: null }, told };
  }

  /** What it took before it takes again; should it not, it says so when it speaks (`style.unknown`). */
  async restore(engine: Pick<Connection, "call">): Promise<void> {
    const words = [...this.words].map(([word, reading]) => engine.call("setWord", word, reading));
    const styles = [...this.styles]
      .filter(([id]) => !this.barred.has(id))
      .map(([, { record, source }]) => engine.call("loadStyle", record, source));
    await Promise.allSettled([...words, ...styles]);
  }
}
