/**
 * Changes of the options in mid-speech, each of which is taken as a whole or refused as a whole. What waits is tried together; where
 * that is refused, the last ones are left out until the rest can be, so that the one that is to blame is refused and no other.
 */
import type { QingshengError } from "../errors.ts";
import type { SpeechOptions } from "../protocol.ts";

interface Change {
  readonly part: SpeechOptions;
  /** All options, with this change and those before it. */
  whole: SpeechOptions;
  /** Of the last try with it, since when it is left out. */
  error: QingshengError | undefined;
  resolve(made: boolean): void;
  reject(error: QingshengError): void;
}

export class Changes {
  private waiting: Change[] = [];
  private taken: SpeechOptions | undefined;

  /** wanted: the options to begin with. */
  constructor(private wanted: SpeechOptions) {}

  /** With everything that was asked for and not refused. */
  get options(): SpeechOptions {
    return this.wanted;
  }

  /** In which something was made last. */
  get proven(): SpeechOptions | undefined {
    return this.taken;
  }

  /** Resolves to whether something was made in it, rejects where it cannot be. Then `options` are to be tried. */
  ask(part: SpeechOptions): Promise<boolean> {
    const whole = { ...this.wanted, ...part };
    const told = new Promise<boolean>((resolve, reject) => {
      this.waiting.push({ part, whole, error: undefined, resolve, reject });
    });
    told.catch(() => undefined);
    this.wanted = whole;
    return told;
  }

  /** Something was made in these options. Returns those to try next, if any. */
  take(options: SpeechOptions): SpeechOptions | undefined {
    this.taken = options;
    for (const change of this.waiting.splice(0, this.indexOf(options) + 1)) change.resolve(true);
    // Without it they were taken, with it they were not.
    const error = this.waiting[0]?.error;
    return error && this.refuseFirst(error);
  }

  /** Nothing can be made in these options. Returns those to try next, if any. */
  refuse(options: SpeechOptions, error: QingshengError): SpeechOptions | undefined {
    const at = this.indexOf(options);
    const [before, last] = [this.waiting[at - 1], this.waiting[at]];
    if (!last || !before) return this.refuseFirst(error);
    last.error = error;
    return before.whole;
  }

  /** Nothing more will be made. */
  end(failure?: QingshengError): void {
    for (const { error = failure, resolve, reject } of this.waiting.splice(0)) {
      if (error) reject(error);
      else resolve(false);
    }
  }

  private refuseFirst(error: QingshengError): SpeechOptions | undefined {
    this.waiting.shift()?.reject(error);
    this.wanted = this.taken ?? {};
    for (const change of this.waiting) {
      this.wanted = { ...this.wanted, ...change.part };
      change.whole = this.wanted;
      change.error = undefined;
    }
    return this.waiting.at(-1)?.whole;
  }

  private indexOf(options: SpeechOptions): number {
    return this.waiting.findIndex(({ whole }) => whole === options);
  }
}
