/** The line below the player: where the voice is, and how fast the engine was. */
import type { EngineInfo, PlaybackStats } from "../index.ts";
import { element } from "./dom.ts";
import { t } from "./language.ts";

export class PlayerStatus {
  private readonly metrics = element("metrics", HTMLElement);
  private readonly where = element("place", HTMLElement);
  private readonly progress = element("progress", HTMLProgressElement);

  engine({ version, threads }: EngineInfo): void {
    this.metrics.textContent = t("metrics.engine", { version, threads });
  }

  /** paragraph: from 0. share: of the whole text, 0 to 1. */
  place(paragraph: number, count: number, share: number): void {
    this.where.textContent = t("reading.place", { at: paragraph + 1, count });
    this.progress.value = share;
  }

  stats({ firstAudioSeconds, synthesisSeconds, audioSeconds, underruns }: PlaybackStats): void {
    const shown = [];
    if (firstAudioSeconds !== undefined) shown.push(t("metrics.first", { ms: Math.round(firstAudioSeconds * 1000) }));
    if (audioSeconds > 0) shown.push(t("metrics.rate", { rate: (synthesisSeconds / audioSeconds).toFixed(3) }));
    shown.push(t("metrics.audio", { seconds: audioSeconds.toFixed(1) }));
    if (underruns > 0) shown.push(t("metrics.waits", { count: underruns }));
    this.metrics.textContent = shown.join(" · ");
  }
}
