/** The page's engine: on its way, there, or failed; with the panels that say so. */
import { type EngineInfo, Qingsheng, QingshengError, type SpeechObserver } from "../index.ts";
import type { FailurePanel } from "./failure.ts";
import { t } from "./language.ts";
import { LoadingPanel } from "./loading.ts";
import { toast } from "./toast.ts";

export type HostState = "loading" | "failed" | "ready";

export interface HostEvents {
  onState(state: HostState): void;
  onReady(tts: Qingsheng, info: EngineInfo): void;
  /** Whether every fetched file is on this device now. */
  onKept(complete: boolean): void;
  /** The worker is gone and another one takes its place. */
  onRestart(): void;
}

export class EngineHost {
  private tts: Qingsheng | undefined;
  private stop = new AbortController();
  private readonly panel = new LoadingPanel(() => this.stop.abort());
  state: HostState = "loading";

  constructor(
    private readonly failure: FailurePanel,
    private readonly events: HostEvents,
    private readonly observer?: SpeechObserver,
  ) {}

  /** Throws as long as there is none. */
  readonly engine = (): Qingsheng => {
    if (this.tts) return this.tts;
    throw new QingshengError("runtime.failed", "The engine is not ready yet.");
  };

  async load(): Promise<void> {
    this.enter("loading");
    this.panel.begin();
    this.stop = new AbortController();
    try {
      const tts = await Qingsheng.load({
        signal: this.stop.signal,
        ...(this.observer && { observer: this.observer }),
        onProgress: (event) => this.panel.show(event),
        onKept: (complete) => this.events.onKept(complete),
        onLost: () => this.events.onRestart(),
      });
      const info = await tts.info();
      this.tts = tts;
      this.events.onReady(tts, info);
      this.enter("ready");
    } catch (error) {
      this.enter("failed");
      this.failure.show(error, () => void this.load(), false);
    } finally {
      this.panel.end();
    }
  }

  private enter(state: HostState): void {
    this.state = state;
    this.events.onState(state);
  }
}

/** What a reader is told of a restart, if he hears anything at all. */
export function tellRestart(): void {
  toast(t("engine.restarts"));
}
