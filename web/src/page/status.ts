/** Where the voice is; and, for those who look for it, how fast the engine was. */
import type { EngineInfo, PlaybackStats } from "../index.ts";
import { element } from "./dom.ts";
import { onLanguage, t } from "./language.ts";

export class PlayerStatus {
  private readonly metrics = element("metrics", HTMLElement);
  private readonly where = element("place", HTMLElement);
  private readonly progress = element("progress", HTMLProgressElement);
  private info: EngineInfo | undefined;
  private figures: PlaybackStats | undefined;
  private at: { readonly paragraph: number; readonly count: number } | undefined;

  constructor() {
    onLanguage(() => this.show());
  }

  engine(info: EngineInfo): void {
    this.info = info;
    this.show();
  }

  /** paragraph: from 0. share: of the whole text, 0 to 1. */
  place(paragraph: number, count: number, share: number): void {
    this.at = { paragraph, count };
    this.progress.value = share;
    this.show();
  }

  /** Nothing of the text was heard. */
  rewind(): void {
    this.progress.value = 0;
  }

  /** All of it was heard: its last word begins before its end. */
  complete(): void {
    this.progress.value = 1;
  }

  stats(figures: PlaybackStats): void {
    this.figures = figures;
    this.show();
  }

  private show(): void {
    if (this.at) this.where.textContent = t("reading.place", { at: this.at.paragraph + 1, count: this.at.count });
    if (this.figures) this.metrics.textContent = spoken(this.figures);
    else if (this.info)
      this.metrics.textContent = t("metrics.engine", { version: this.info.version, threads: this.info.threads });
  }
}

function spoken({ firstAudioSeconds, synthesisSeconds, audioSeconds, underruns }: PlaybackStats): string {
  const shown = [];
  if (firstAudioSeconds !== undefined) shown.push(t("metrics.first", { ms: Math.round(firstAudioSeconds * 1000) }));
  if (audioSeconds > 0) shown.push(t("metrics.rate", { rate: (synthesisSeconds / audioSeconds).toFixed(3) }));
  shown.push(t("metrics.audio", { seconds: audioSeconds.toFixed(1) }));
  if (underruns > 0) shown.push(t("metrics.waits", { count: underruns }));
  return shown.join(" · ");
}
