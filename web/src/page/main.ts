/** The demonstration page: wires the elements to the public client. */
import {
  type EngineInfo,
  type Playback,
  type PlaybackState,
  type PlaybackStats,
  Qingsheng,
  QingshengError,
} from "../index.ts";
import { button, create, element } from "./dom.ts";
import { FailurePanel } from "./failure.ts";
import { LoadingPanel } from "./loading.ts";
import { OfflineKeeper } from "./offline.ts";
import { ReadingPanel } from "./reading.ts";
import { Settings } from "./settings.ts";
import { EXAMPLES } from "./texts.ts";

const LIMIT = 5000;

type App =
  | { readonly kind: "loading" }
  | { readonly kind: "failed" }
  | { readonly kind: "ready"; readonly tts: Qingsheng; readonly playback?: Playback; readonly saving: boolean };

let app: App = { kind: "loading" };

const text = element("text", HTMLTextAreaElement);
const count = element("count", HTMLOutputElement);
const metrics = element("metrics", HTMLElement);
const loading = new LoadingPanel();
const reading = new ReadingPanel();
const failure = new FailurePanel();
const offline = new OfflineKeeper();
const settings = new Settings((options) => {
  if (app.kind === "ready") app.playback?.change(options);
});
const speakButton = button("speak", speak);
const pauseButton = button("pause", togglePause);
const stopButton = button("stop", stop);
const downloadButton = button("download", () => void download());

function enter(next: App): void {
  app = next;
  const state = next.kind === "ready" ? next.playback?.state.kind : undefined;
  const active = state === "preparing" || state === "playing" || state === "paused";
  speakButton.disabled = next.kind !== "ready";
  pauseButton.disabled = !active;
  stopButton.disabled = !active;
  downloadButton.disabled = next.kind !== "ready" || next.saving;
  pauseButton.textContent = state === "paused" ? "继续" : "暂停";
  downloadButton.textContent = next.kind === "ready" && next.saving ? "正在生成…" : "下载 WAV";
  document.body.dataset.app = active ? state : next.kind;
}

async function load(): Promise<void> {
  enter({ kind: "loading" });
  loading.begin();
  try {
    const tts = await Qingsheng.load({
      onProgress: (progress) => loading.show(progress),
      onKept: (complete) => offline.kept(complete),
    });
    const info = await tts.info();
    settings.list(info.voices, info.defaultVoice);
    showEngine(info);
    enter({ kind: "ready", tts, saving: false });
  } catch (error) {
    enter({ kind: "failed" });
    failure.show(asError(error), () => void load());
  } finally {
    loading.end();
  }
}

function speak(): void {
  if (app.kind !== "ready") return;
  failure.hide();
  const { tts } = app;
  const playback = tts.speak(text.value, settings.options());
  reading.begin(text.value);
  playback.on("word", (word) => reading.show(word));
  playback.on("notice", (notice) => reading.notice(notice));
  playback.on("position", () => showStats(playback.stats));
  playback.on("state", (state) => followed(tts, playback, state));
  enter({ kind: "ready", tts, playback, saving: app.saving });
}

function followed(tts: Qingsheng, playback: Playback, state: PlaybackState): void {
  // Of an utterance that another has replaced, nothing is shown any more.
  if (app.kind !== "ready" || app.playback !== playback) return;
  enter({ kind: "ready", tts, playback, saving: app.saving });
  if (state.kind === "finished") reading.end("朗读完毕");
  if (state.kind === "stopped") reading.end("已停止");
  if (state.kind === "failed") {
    if (playback.stats.audioSeconds > 0) reading.end("没有读完");
    else reading.hide();
    failure.show(state.error, speak);
  }
}

function togglePause(): void {
  if (app.kind !== "ready") return;
  if (app.playback?.state.kind === "paused") app.playback.resume();
  else app.playback?.pause();
}

function stop(): void {
  if (app.kind === "ready") app.playback?.stop();
}

async function download(): Promise<void> {
  if (app.kind !== "ready" || app.saving) return;
  failure.hide();
  const { tts } = app;
  enter({ ...app, saving: true });
  try {
    save(await tts.toWav(text.value, settings.options()), fileName(text.value));
  } catch (error) {
    failure.show(asError(error), () => void download());
  } finally {
    if (app.kind === "ready") enter({ ...app, saving: false });
  }
}

function save(wav: Uint8Array<ArrayBuffer>, name: string): void {
  const url = URL.createObjectURL(new Blob([wav], { type: "audio/wav" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own hold on the blob once it has begun.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function fileName(content: string): string {
  const begin = content.replace(/[^\p{L}\p{N}]+/gu, "").slice(0, 12);
  return `轻声-${begin || "朗读"}.wav`;
}

function asError(error: unknown): QingshengError {
  return error instanceof QingshengError ? error : new QingshengError("runtime.failed", String(error));
}

function showEngine({ version, threads }: EngineInfo): void {
  metrics.textContent = `引擎 ${version} · ${threads} 线程 · 就绪`;
}

function showStats({ firstAudioSeconds, synthesisSeconds, audioSeconds, underruns }: PlaybackStats): void {
  const parts = [];
  if (firstAudioSeconds !== undefined) parts.push(`首个声音 ${Math.round(firstAudioSeconds * 1000)} 毫秒`);
  if (audioSeconds > 0) parts.push(`实时率 ${(synthesisSeconds / audioSeconds).toFixed(3)}`);
  parts.push(`音频 ${audioSeconds.toFixed(1)} 秒`);
  if (underruns > 0) parts.push(`等待 ${underruns} 次`);
  metrics.textContent = parts.join(" · ");
}

function showCount(): void {
  // Code points, as the engine counts.
  const length = Array.from(text.value).length;
  count.textContent = `${length} / ${LIMIT}`;
  count.dataset.over = String(length > LIMIT);
}

function listExamples(): void {
  const chips = EXAMPLES.map((example) => {
    const chip = create("button", example.title, "chip");
    chip.type = "button";
    chip.addEventListener("click", () => {
      text.value = example.text;
      showCount();
    });
    return chip;
  });
  element("examples", HTMLElement).append(...chips);
}

text.addEventListener("input", showCount);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) speak();
  if (event.key === "Escape") stop();
});

listExamples();
showCount();
void load();
// Not essential: without it the page works, online.
offline.register().catch(() => undefined);
