/** How far the engine is. */
import { BOOT_STAGES, type BootStage, type Progress } from "../protocol.ts";
import { button, create, element } from "./dom.ts";
import { onLanguage, type TextKey, t } from "./language.ts";

export class LoadingPanel {
  private readonly panel = element("loading", HTMLElement);
  private readonly player = element("player", HTMLElement);
  private readonly bar = element("bytes", HTMLProgressElement);
  private readonly text = element("bytes-text", HTMLElement);
  private readonly spoken = element("stage-text", HTMLElement);
  private readonly items: ReadonlyMap<BootStage, HTMLLIElement>;
  private counted: Extract<Progress, { kind: "bytes" }> | undefined;

  constructor(onCancel: () => void) {
    button("loading-cancel", onCancel);
    const list = element("stages", HTMLOListElement);
    this.items = new Map(BOOT_STAGES.map((stage) => [stage, create("li", "")]));
    list.append(...this.items.values());
    onLanguage(() => this.rename());
    this.rename();
  }

  begin(): void {
    this.panel.hidden = false;
    this.player.hidden = true;
    this.bar.value = 0;
    this.counted = undefined;
    this.text.textContent = t("loading.connecting");
    for (const item of this.items.values()) item.dataset.state = "waiting";
  }

  show(progress: Progress): void {
    if (progress.kind === "stage") this.enter(progress.stage);
    else if (progress.kind === "bytes") this.count(progress);
    else this.end();
  }

  end(): void {
    this.panel.hidden = true;
    this.player.hidden = false;
  }

  private rename(): void {
    for (const [stage, item] of this.items) item.textContent = t(stageName(stage));
    if (this.counted) this.count(this.counted);
  }

  private enter(stage: BootStage): void {
    const current = BOOT_STAGES.indexOf(stage);
    for (const [index, name] of BOOT_STAGES.entries()) {
      const item = this.items.get(name);
      if (item) item.dataset.state = index < current ? "done" : index === current ? "active" : "waiting";
    }
    this.spoken.textContent = t("loading.stage", { stage: t(stageName(stage)) });
  }

  private count(progress: Extract<Progress, { kind: "bytes" }>): void {
    const { loaded, total, kept } = progress;
    this.counted = progress;
    this.bar.value = Math.max(this.bar.value, total > 0 ? loaded / total : 0);
    const percent = Math.floor(this.bar.value * 100);
    const bytes = t("loading.bytes", { loaded: megabytes(loaded), total: megabytes(total), percent });
    const local = kept > 0 ? t("loading.local", { kept: megabytes(kept) }) : "";
    this.text.textContent = bytes + local + (loaded === total ? t("loading.starting") : "");
  }
}

function stageName(stage: BootStage): TextKey {
  return `stage.${stage}`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
