/** The panel that shows how far the engine is. */
import { BOOT_STAGES, type BootStage, type Progress } from "../protocol.ts";
import { create, element } from "./dom.ts";
import { megabytes, STAGE_NAMES } from "./texts.ts";

export class LoadingPanel {
  private readonly panel = element("loading", HTMLElement);
  private readonly bar = element("bytes", HTMLProgressElement);
  private readonly text = element("bytes-text", HTMLElement);
  private readonly spoken = element("stage-text", HTMLElement);
  private readonly items: ReadonlyMap<BootStage, HTMLLIElement>;

  constructor() {
    const list = element("stages", HTMLOListElement);
    this.items = new Map(BOOT_STAGES.map((stage) => [stage, create("li", STAGE_NAMES[stage])]));
    list.append(...this.items.values());
  }

  begin(): void {
    this.panel.hidden = false;
    this.bar.value = 0;
    this.text.textContent = "正在连接…";
    for (const item of this.items.values()) item.dataset.state = "waiting";
  }

  show(progress: Progress): void {
    if (progress.kind === "stage") this.enter(progress.stage);
    else if (progress.kind === "bytes") this.count(progress.loaded, progress.total, progress.kept);
    else this.panel.hidden = true;
  }

  end(): void {
    this.panel.hidden = true;
  }

  private enter(stage: BootStage): void {
    const current = BOOT_STAGES.indexOf(stage);
    for (const [index, name] of BOOT_STAGES.entries()) {
      const item = this.items.get(name);
      if (item) item.dataset.state = index < current ? "done" : index === current ? "active" : "waiting";
    }
    this.spoken.textContent = `正在准备：${STAGE_NAMES[stage]}`;
  }

  private count(loaded: number, total: number, kept: number): void {
    this.bar.value = total > 0 ? loaded / total : 0;
    const percent = total > 0 ? Math.floor((loaded / total) * 100) : 0;
    const local = kept > 0 ? `，其中 ${megabytes(kept)} MB 来自本机` : "";
    const next = loaded === total ? " · 正在启动" : "";
    this.text.textContent = `${megabytes(loaded)} / ${megabytes(total)} MB · ${percent}%${local}${next}`;
  }
}
