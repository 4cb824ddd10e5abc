/** The text of a playback: there from the beginning, or coming piece by piece. */
import { QingshengError } from "../errors.ts";

export interface Piece {
  readonly text: string;
  /** Where it begins in the whole text, in UTF-16 code units. */
  readonly begin: number;
}

export interface TextSource {
  /** The piece that holds `from`, else the next one; waits for it to come. Undefined behind the last. */
  piece(from: number): Promise<Piece | undefined>;
  /** Whether a piece that has nothing to speak is passed over in silence. */
  readonly lenient: boolean;
}

/** Scripts without types pass anything. Throws `option.invalid`. */
export function checkedText(text: unknown): string {
  if (typeof text === "string") return text;
  throw new QingshengError("option.invalid", `The text is ${text}, expected a string.`, "Pass the text itself.");
}

export class WholeText implements TextSource {
  readonly lenient = false;
  private readonly text: string;

  constructor(text: string) {
    this.text = checkedText(text);
  }

  async piece(from: number): Promise<Piece | undefined> {
    const { text } = this;
    return from < text.length || text.length === 0 ? { text, begin: 0 } : undefined;
  }
}

/** Ends of sentences, with what closes behind them; a line break ends one too. */
const SENTENCE_END = /[。！？!?；;…\n]+[”’」』）)\]】》〉"']*|\.(?=\s)/g;
/** The engine's limit for one text, with room to spare. */
const MOST = 4000;

export class LiveText implements TextSource {
  readonly lenient = true;
  private readonly pieces: Piece[] = [];
  private open = "";
  private length = 0;
  private ended = false;
  private waiting: (() => void)[] = [];

  /** Complete sentences can be had at once; the rest waits for more or for `flush`. */
  push(text: string): void {
    if (this.ended) {
      throw new QingshengError("option.invalid", "The live text has ended, and got more.", "Begin a new one.");
    }
    this.open += checkedText(text);
    let end = 0;
    for (const match of this.open.matchAll(SENTENCE_END)) end = match.index + match[0].length;
    while (this.open.length - end > MOST) end = unbroken(this.open, end + MOST);
    if (end > 0) this.close(end);
  }

  /** What is there is spoken, although its sentence is not complete. */
  flush(): void {
    if (this.open.length > 0) this.close(this.open.length);
  }

  end(): void {
    this.flush();
    this.ended = true;
    this.wake();
  }

  /** All that was pushed. */
  get text(): string {
    return this.pieces.map(({ text }) => text).join("") + this.open;
  }

  async piece(from: number): Promise<Piece | undefined> {
    for (;;) {
      const found = this.pieces.find(({ text, begin }) => begin + text.length > from);
      if (found || this.ended) return found;
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  private close(count: number): void {
    let at = 0;
    while (at < count) {
      const stop = unbroken(this.open, Math.min(count, at + MOST));
      const text = this.open.slice(at, stop);
      this.pieces.push({ text, begin: this.length });
      this.length += text.length;
      at = stop;
    }
    this.open = this.open.slice(count);
    this.wake();
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

/** This place, or the one before it where a character of two code units would be cut. */
function unbroken(text: string, at: number): number {
  const pair = (text.codePointAt(at - 1) ?? 0) > 0xffff;
  return pair && at < text.length ? at - 1 : at;
}
