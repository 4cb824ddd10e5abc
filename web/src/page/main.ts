/** The page: wires its elements to the public client. */
import { type EngineInfo, Qingsheng, QingshengError, type Span, type SpeechOptions } from "../index.ts";
import { startTelemetry } from "../telemetry/index.ts";
import { acceptDrops } from "./books/drop.ts";
import { Shelf } from "./books/shelf.ts";
import { type Correction, CorrectionWindow, withReading } from "./correction.ts";
import { dialog } from "./dialogs.ts";
import { button, element } from "./dom.ts";
import { EmotionControls } from "./emotion/controls.ts";
import { InferredBars } from "./emotion/inferred.ts";
import { Explainer } from "./explainer.ts";
import { FailurePanel } from "./failure.ts";
import { HistoryPanel } from "./history.ts";
import { InstallButton } from "./install.ts";
import { language, onLanguage, setLanguage, startLanguage, t } from "./language.ts";
import { LoadingPanel } from "./loading.ts";
import { MediaKeys } from "./media-keys.ts";
import { OfflineKeeper } from "./offline.ts";
import { paragraphs } from "./parts.ts";
import { type QueueState, ReadingQueue } from "./queue.ts";
import { ReadingView } from "./reading.ts";
import { exported } from "./save/exporter.ts";
import { SaveMenu } from "./save/menu.ts";
import { Settings } from "./settings.ts";
import { parseFragment } from "./share.ts";
import { ShareButton } from "./share-button.ts";
import { listenForShortcuts } from "./shortcuts.ts";
import { PitchEdits } from "./sound/pitch-edits.ts";
import { SignalView } from "./sound/signal.ts";
import { PlayerStatus } from "./status.ts";
import { StyleChooser } from "./styles.ts";
import { ThemeSwitch } from "./theme.ts";
import { toast } from "./toast.ts";
import { OwnWords } from "./words.ts";
import { WordsPanel } from "./words-panel.ts";
import { Writing } from "./writing.ts";

type App =
  | { readonly kind: "loading" }
  | { readonly kind: "failed" }
  | { readonly kind: "ready"; readonly tts: Qingsheng; readonly info: EngineInfo };

let app: App = { kind: "loading" };

/** Characters of a paragraph whose emotion is shown. */
const INFERRED = 400;

// Only where the server asks for figures; never a text.
const telemetry = startTelemetry();
const status = new PlayerStatus();
const pinyinBox = element("show-pinyin", HTMLInputElement);

let loadingStop = new AbortController();
const loading = new LoadingPanel(() => loadingStop.abort());
const failure = new FailurePanel();
const offline = new OfflineKeeper();
const explainer = new Explainer();
const ownWords = new OwnWords(readingsChanged);
const pitchEdits = new PitchEdits();
const queue = new ReadingQueue(engine, pitchEdits.prepare);
const settings = new Settings((options) => queue.change(options));
const emotion = new EmotionControls((options) => queue.change(options));
const style = new StyleChooser((options) => queue.change(options));
const inferred = new InferredBars();
const signal = new SignalView({
  pitchOf: ({ start }) => pitchEdits.get(spokenText, start),
  onPitch: ({ start }, semitones, sentence) => bend(start, semitones, sentence),
});
const writing = new Writing(() => inferSoon());
/** What the queue reads: the field may have been changed since. */
let spokenText = "";
let inferredAt = 0;
/** Where a book goes on. */
let resumeAt = 0;
let inferring: ReturnType<typeof setTimeout> | undefined;

const reading = new ReadingView(explainer, {
  onPick: (picked, offset, source) => correction.show(picked, offset, source),
  onFrom: (offset) => speak(offset),
});
const correction = new CorrectionWindow({
  onCorrect: (change, offset) => correct(change, offset),
  onListen: (word, syllables) => say(word, syllables),
  isOwn: (word) => ownWords.get(word) !== undefined,
});
const wordsPanel = new WordsPanel(() => ownWords);

const speakButton = button("speak", () => speak());
const pauseButton = button("pause", togglePause);
const stopButton = button("stop", () => queue.stop());
const views = { write: button("view-write", () => view("write")), read: button("view-read", () => view("read")) };
const resetCurve = button("reset-curve", () => {
  pitchEdits.clear();
  resetCurve.hidden = true;
  signal.redraw();
});
const saveMenu = new SaveMenu({
  run: (format, signal, onProgress) => {
    failure.hide();
    const text = content();
    return exported(engine(), pitchEdits.prepare, { text, options: options(), format, signal, onProgress });
  },
  name: () => `${t("save.name")}-${beginning(shelf.name || writing.text, 12) || t("save.untitled")}`,
  onError: (error, again) => failure.show(error, again),
});
new ShareButton(() => ({
  text: content(),
  settings: settings.values(),
  feeling: emotion.values(),
  words: ownWords.all(),
}));
const past = new HistoryPanel((text) => {
  pastDialog.close();
  queue.stop();
  view("write");
  writing.text = text;
  writing.focus();
});
const pastDialog = dialog("history", "open-history", () => past.show());
const shelf = new Shelf({
  onChapter: (text, offset) => {
    queue.stop();
    failure.hide();
    resumeAt = offset;
    view("read");
    reading.show(text);
    reading.goTo(offset);
    showPlace(offset);
  },
  onClose: () => {
    queue.stop();
    view("write");
  },
  onProblem: (message) => toast(message),
});
acceptDrops((file) => void (file.name.endsWith(".py") ? style.drop(file) : shelf.take(file)));
const media = new MediaKeys({
  play: () => (queue.state.kind === "paused" ? queue.resume() : speak()),
  pause: () => queue.pause(),
  stop: () => queue.stop(),
  next: () => goParagraph(1),
  previous: () => goParagraph(-1),
});
new InstallButton();
const help = dialog("help", "open-help");
dialog("words", "open-words", () => wordsPanel.show());
button("language", () => setLanguage(language() === "zh" ? "en" : "zh"));
new ThemeSwitch(() => signal.redraw());

queue.on("state", followed);
queue.on("notice", (notice) => {
  reading.notice(notice);
  if (notice.code.startsWith("style.")) void style.check();
});
queue.on("word", (word) => {
  reading.word(word);
  inferred.word(word);
  if (word) showPlace(word.start);
});
queue.on("chunk", ({ chunk, part }) => signal.add(chunk, part));
queue.on("position", ({ seconds, part }) => {
  signal.at(seconds, part);
  status.stats(queue.stats);
});

function engine(): Qingsheng {
  if (app.kind === "ready") return app.tts;
  throw new QingshengError("runtime.failed", "The engine is not ready yet.");
}

function enter(next: App): void {
  app = next;
  const { active, state } = queue;
  speakButton.disabled = next.kind !== "ready";
  pauseButton.disabled = !active;
  stopButton.disabled = !active;
  saveMenu.enable(next.kind === "ready");
  pauseButton.textContent = t(state.kind === "paused" ? "resume" : "pause");
  document.body.dataset.app = next.kind === "ready" && active ? state.kind : next.kind;
}

async function load(): Promise<void> {
  enter({ kind: "loading" });
  loading.begin();
  loadingStop = new AbortController();
  try {
    const tts = await Qingsheng.load({
      signal: loadingStop.signal,
      observer: telemetry,
      onProgress: (event) => loading.show(event),
      onKept: (complete) => offline.kept(complete),
      onLost: () => queue.active && toast(t("engine.restarts")),
    });
    const info = await tts.info();
    settings.list(info.voices, info.defaultVoice);
    enter({ kind: "ready", tts, info });
    status.engine(info);
    explainer.connect((text, options) => tts.explain(text, options));
    void style.connect(tts);
    inferred.connect((text) => tts.infer(text, options()));
  } catch (error) {
    enter({ kind: "failed" });
    failure.show(error, () => void load());
  } finally {
    loading.end();
  }
}

function options(): SpeechOptions {
  return { ...settings.options(), ...emotion.options(), ...style.options(), lexicon: ownWords.all() };
}

/** What is read: the open chapter, else what stands in the field. */
function content(): string {
  return shelf.text ?? writing.text;
}

function speak(from = shelf.text === undefined ? 0 : resumeAt, until?: number): void {
  if (app.kind !== "ready") return;
  failure.hide();
  view("read");
  reading.begin();
  signal.begin();
  spokenText = content();
  if (shelf.text === undefined) past.add(spokenText);
  queue.start(spokenText, options(), from, until);
}

/** A syllable's pitch was dragged: the sentence is heard again, or the reading goes on from its beginning. */
function bend(at: number, semitones: number, sentence: Span): void {
  pitchEdits.set(spokenText, at, semitones);
  resetCurve.hidden = pitchEdits.isEmpty;
  if (spokenText === content()) speak(sentence.start, queue.active ? undefined : sentence.stop);
}

function inferSoon(): void {
  clearTimeout(inferring);
  inferring = setTimeout(() => inferAt(0), 600);
}

function inferAt(offset: number): void {
  const text = content();
  const span = paragraphs(text).findLast(({ start }) => start <= offset) ?? paragraphs(text)[0];
  if (span) inferred.show(text.slice(span.start, Math.min(span.stop, span.start + INFERRED)), span.start);
}

/** A word by itself; while a text is being read, the text goes on instead. */
function say(text: string, syllables?: string): void {
  if (app.kind !== "ready" || queue.active) return;
  const lexicon = { ...ownWords.all(), ...(syllables && { [text]: syllables }) };
  app.tts.speak(text, { ...options(), lexicon });
}

function followed(state: QueueState): void {
  enter(app);
  showMedia();
  if (state.kind === "finished") {
    reading.end("reading.done");
    resumeAt = 0;
    void shelf.next().then((more) => more && speak(0));
  }
  if (state.kind === "stopped") reading.end("reading.stopped");
  if (state.kind === "failed") {
    reading.end(queue.stats.audioSeconds > 0 ? "reading.incomplete" : "reading.ready");
    if (queue.stats.audioSeconds === 0 && shelf.text === undefined) view("write");
    failure.show(state.error, () => speak(queue.place));
  }
}

function togglePause(): void {
  if (queue.state.kind === "paused") queue.resume();
  else queue.pause();
}

/** Whether the engine takes the reading; only then it is kept. */
async function correct(change: Correction, offset: number): Promise<boolean> {
  const text = content();
  if (change.kind === "undo") {
    if (ownWords.get(change.word) !== undefined) ownWords.remove(change.word);
    rewrite(withReading(text, offset + change.stop, undefined), offset + change.start);
    return true;
  }
  const written = change.kind === "word" ? change.word : text.slice(offset + change.start, offset + change.stop);
  try {
    await engine().explain(written, { lexicon: { [written]: change.reading } });
  } catch {
    return false;
  }
  if (change.kind === "word") {
    ownWords.set(change.word, change.reading);
    hear(offset + change.start, change.word);
  } else {
    const next = withReading(text, offset + change.stop, change.reading);
    rewrite(next, offset + change.start, `${written}{${change.reading}}`);
  }
  return true;
}

function rewrite(text: string, from: number, heard?: string): void {
  if (text === content()) return;
  if (shelf.text === undefined) writing.text = text;
  else shelf.text = text;
  reading.show(text);
  reading.focus();
  if (heard) hear(from, heard);
}

/** What was just changed, at once: the text goes on from there, or the word is said by itself. */
function hear(from: number, word: string): void {
  if (queue.active) speak(from);
  else say(word);
}

function readingsChanged(): void {
  explainer.use({ lexicon: ownWords.all() });
  queue.change({ lexicon: ownWords.all() });
  reading.refresh();
  wordsPanel.show();
}

function view(next: "write" | "read"): void {
  for (const [name, toggle] of Object.entries(views)) toggle.setAttribute("aria-pressed", String(name === next));
  document.body.dataset.view = next;
  if (next === "write") {
    shelf.close();
    reading.hide();
    writing.show();
    return;
  }
  const hadFocus = document.activeElement instanceof HTMLTextAreaElement;
  writing.hide();
  reading.show(content());
  if (hadFocus) reading.focus();
}

function goParagraph(by: number): void {
  if (document.body.dataset.view !== "read") return;
  const offset = reading.offsetOf(reading.placeOf(queue.place).at + by);
  if (offset !== undefined) speak(offset);
}

/** A file's name, or a title: what the text begins with. */
function beginning(content: string, length: number): string {
  return Array.from(content.replace(/\{[^}]*\}|[^\p{L}\p{N}]+/gu, ""))
    .slice(0, length)
    .join("");
}

async function openShared(): Promise<void> {
  const shared = await parseFragment(location.hash);
  if (!shared) return;
  queue.stop();
  view("write");
  writing.text = shared.text;
  settings.set(shared.settings);
  emotion.set(shared.feeling);
  ownWords.borrow(shared.words);
}

function showMedia(): void {
  const { kind } = queue.state;
  const states = { preparing: "playing", playing: "playing", paused: "paused" } as const;
  media.show(kind in states ? states[kind as keyof typeof states] : "none", shelf.name || spokenText);
}

function showPlace(offset: number): void {
  const { at, count } = reading.placeOf(offset);
  resumeAt = offset;
  if (at !== inferredAt) {
    inferredAt = at;
    shelf.keep(offset);
    inferAt(offset);
  }
  status.place(at, count, offset / Math.max(1, content().length));
}

pinyinBox.addEventListener("change", () => reading.pinyin(pinyinBox.checked));
listenForShortcuts({
  speak: () => speak(),
  pause: togglePause,
  stop: () => queue.stop(),
  view: () => view(document.body.dataset.view === "read" ? "write" : "read"),
  next: () => goParagraph(1),
  previous: () => goParagraph(-1),
  help: () => help.showModal(),
});

onLanguage(() => {
  enter(app);
  if (app.kind === "ready" && queue.state.kind === "idle") status.engine(app.info);
});
startLanguage();
explainer.use({ lexicon: ownWords.all() });
window.addEventListener("hashchange", () => void openShared());
view("write");
void openShared();
inferAt(0);
void load();
// Not essential: without it the page works, online.
offline.register().catch(() => undefined);
