/** Explanations of paragraphs: asked for one at a time, those that are seen first, and kept. */

import { isSsml } from "../audio/bare.ts";
import { cancelled } from "../errors.ts";
import type { Explanation, SpeechOptions } from "../protocol.ts";
import { pieces } from "./parts.ts";

/** Short, so that speech never waits long for its turn in the worker. */
const PIECE_LIMIT = 150;
const KEPT = 400;

export type Explain = (text: string, options: SpeechOptions) => Promise<Explanation>;

interface Job {
  readonly text: string;
  readonly settle: (explanation: Explanation | undefined) => void;
}

export class Explainer {
  private explain: Explain | undefined;
  private options: SpeechOptions = {};
  private readonly kept = new Map<string, Explanation>();
  private jobs: Job[] = [];
  private running = false;
  /** Counts what was given up, so that the one under way ends at its next piece. */
  private given = 0;

  /** From now on explanations can be had. */
  connect(explain: Explain): void {
    this.explain = explain;
    void this.run();
  }

  /** Other readings: what was explained before is of no use any more. */
  use(options: SpeechOptions): void {
    this.options = options;
    this.kept.clear();
  }

  has(text: string): Explanation | undefined {
    return this.kept.get(text);
  }

  /** Undefined where it could not be had or was given up. The latest request goes first. */
  request(text: string): Promise<Explanation | undefined> {
    const known = this.kept.get(text);
    if (known) return Promise.resolve(known);
    return new Promise((settle) => {
      this.jobs.push({ text, settle });
      void this.run();
    });
  }

  /** Forgets what waits. */
  cancel(): void {
    this.given += 1;
    for (const job of this.jobs.splice(0)) job.settle(undefined);
  }

  private async run(): Promise<void> {
    if (this.running || !this.explain) return;
    this.running = true;
    try {
      for (let job = this.jobs.pop(); job; job = this.jobs.pop()) job.settle(await this.answer(job.text, this.explain));
    } finally {
      this.running = false;
    }
  }

  private async answer(text: string, explain: Explain): Promise<Explanation | undefined> {
    const { options, given } = this;
    try {
      const explanation = await inPieces(text, (piece) => {
        if (given !== this.given) throw cancelled();
        return explain(piece, options);
      });
      if (options === this.options) this.keep(text, explanation);
      return explanation;
    } catch {
      // The page shows the text without pinyin; speaking it will say what is wrong.
      return undefined;
    }
  }

  private keep(text: string, explanation: Explanation): void {
    this.kept.set(text, explanation);
    const oldest = this.kept.keys().next().value;
    if (this.kept.size > KEPT && oldest !== undefined) this.kept.delete(oldest);
  }
}

/** Sentence by sentence; the spans are those of the whole. */
async function inPieces(text: string, explain: (piece: string) => Promise<Explanation>): Promise<Explanation> {
  if (isSsml(text)) return explain(text);
  const parts: Explanation[] = [];
  for (const { start, stop } of pieces(text, { start: 0, stop: text.length }, PIECE_LIMIT)) {
    parts.push(shifted(await explain(text.slice(start, stop)), start));
  }
  return {
    tokens: parts.flatMap(({ tokens }) => tokens),
    words: parts.flatMap(({ words }) => words),
    notices: parts.flatMap(({ notices }) => notices),
  };
}

function shifted({ tokens, words, notices }: Explanation, by: number): Explanation {
  const move = <T extends { readonly start: number; readonly stop: number }>(one: T): T => ({
    ...one,
    start: one.start + by,
    stop: one.stop + by,
  });
  return {
    tokens: tokens.map(move),
    words: words.map((word) => ({ ...move(word), syllables: word.syllables.map(move) })),
    notices: notices.map(move),
  };
}
