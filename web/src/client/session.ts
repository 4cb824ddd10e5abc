/** What a page told its engine, so that a restarted one is told again. */
import type { StyleRecord } from "../protocol.ts";
import type { Connection } from "./connection.ts";

export class Session {
  private readonly words = new Map<string, string>();
  private readonly styles = new Map<string, { readonly record: StyleRecord; readonly source: string }>();

  setWord(word: string, reading: string): void {
    if (reading) this.words.set(word, reading);
    else this.words.delete(word);
  }

  setStyle(id: string, record: StyleRecord, source: string): void {
    this.styles.set(id, { record, source });
  }

  removeStyle(id: string): void {
    this.styles.delete(id);
  }

  /** What it took before it takes again; should it not, it says so when it speaks (`style.unknown`). */
  async restore(engine: Pick<Connection, "call">): Promise<void> {
    const words = [...this.words].map(([word, reading]) => engine.call("setWord", word, reading));
    const styles = [...this.styles.values()].map(({ record, source }) => engine.call("loadStyle", record, source));
    await Promise.allSettled([...words, ...styles]);
  }
}
