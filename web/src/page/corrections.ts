/** Readings that a person corrects: kept as a word of his own or written into the text, and heard at once. */
import type { Qingsheng, SpeechOptions } from "../index.ts";
import { type Correction, CorrectionWindow, withReading } from "./correction.ts";
import { dialog } from "./dialogs.ts";
import type { Picked } from "./paragraph.ts";
import { OwnWords } from "./words.ts";
import { WordsPanel } from "./words-panel.ts";

export interface CorrectionEvents {
  /** Throws as long as there is none. */
  engine(): Qingsheng;
  options(): SpeechOptions;
  text(): string;
  /** The text with a reading in it; the change is at this offset. */
  onText(text: string): void;
  /** The user's own words are others now. */
  onWords(): void;
  /** Whether a text is being read: then it goes on from the correction, which is heard so. */
  reading(): boolean;
  speakFrom(offset: number): void;
}

export class Corrections {
  readonly words: OwnWords;
  private readonly panel = new WordsPanel(() => this.words);
  private readonly window: CorrectionWindow;

  constructor(private readonly events: CorrectionEvents) {
    this.words = new OwnWords(() => {
      events.onWords();
      this.panel.show();
    });
    this.window = new CorrectionWindow({
      onCorrect: (change, offset) => this.correct(change, offset),
      onListen: (word, syllables) => this.say(word, syllables),
      isOwn: (word) => this.words.get(word) !== undefined,
    });
    dialog("words", "open-words", () => this.panel.show());
  }

  show(picked: Picked, offset: number, source: string): void {
    this.window.show(picked, offset, source);
  }

  /** Whether the engine takes the reading; only then it is kept. */
  private async correct(change: Correction, offset: number): Promise<boolean> {
    const text = this.events.text();
    if (change.kind === "undo") {
      if (this.words.get(change.word) !== undefined) this.words.remove(change.word);
      this.rewrite(withReading(text, offset + change.stop, undefined));
      return true;
    }
    const written = change.kind === "word" ? change.word : text.slice(offset + change.start, offset + change.stop);
    try {
      await this.events.engine().explain(written, { lexicon: { [written]: change.reading } });
    } catch {
      return false;
    }
    if (change.kind === "word") {
      this.words.set(change.word, change.reading);
      this.hear(offset + change.start, change.word);
    } else if (this.rewrite(withReading(text, offset + change.stop, change.reading))) {
      this.hear(offset + change.start, `${written}{${change.reading}}`);
    }
    return true;
  }

  /** Whether that changes anything. */
  private rewrite(text: string): boolean {
    if (text === this.events.text()) return false;
    this.events.onText(text);
    return true;
  }

  /** What was just changed, at once: the text goes on from there, or the word is said by itself. */
  private hear(from: number, word: string): void {
    if (this.events.reading()) this.events.speakFrom(from);
    else this.say(word);
  }

  /** A word by itself; while a text is being read, the text goes on instead. */
  private say(text: string, syllables?: string): void {
    if (this.events.reading()) return;
    const lexicon = { ...this.words.all(), ...(syllables && { [text]: syllables }) };
    this.events.engine().speak(text, { ...this.events.options(), lexicon });
  }
}
