/** The buttons under the text: what they say, and which of them there are at the moment. */
import { button, element } from "./dom.ts";
import type { HostState } from "./engine-host.ts";
import { t } from "./language.ts";
import type { QueueState } from "./queue.ts";

export interface TransportActions {
  speak(): void;
  togglePause(): void;
  stop(): void;
}

export class Transport {
  private readonly speak: HTMLButtonElement;
  private readonly pause: HTMLButtonElement;
  private readonly stop: HTMLButtonElement;
  private readonly speakText = element("speak-text", HTMLElement);
  private readonly pauseText = element("pause-text", HTMLElement);
  private readonly pauseIcon = element("pause-icon", SVGUseElement);

  constructor(actions: TransportActions) {
    this.speak = button("speak", () => actions.speak());
    this.pause = button("pause", () => actions.togglePause());
    this.stop = button("stop", () => actions.stop());
  }

  /** awaited: it will speak as soon as it can. */
  show(host: HostState, queue: QueueState, awaited: boolean): void {
    const active = ["preparing", "playing", "paused"].includes(queue.kind);
    const paused = queue.kind === "paused";
    this.speak.disabled = host === "failed";
    this.speak.setAttribute("aria-busy", String(awaited));
    this.speakText.textContent = t(awaited ? "speak.soon" : "speak");
    this.pause.disabled = !active;
    this.stop.disabled = !active;
    this.pauseText.textContent = t(paused ? "resume" : "pause");
    this.pauseIcon.setAttribute("href", paused ? "#icon-play" : "#icon-pause");
    this.swap(active);
    document.body.dataset.app = host === "ready" && active ? queue.kind : host;
  }

  /** One place for both: who pressed one by keyboard finds himself on the other. */
  private swap(active: boolean): void {
    const focused = document.activeElement;
    this.speak.hidden = active;
    this.pause.hidden = !active;
    if (active && focused === this.speak) this.pause.focus({ preventScroll: true });
    if (!active && (focused === this.pause || focused === this.stop)) this.speak.focus({ preventScroll: true });
  }
}
