/** The page: wires its elements to the public client. */
import type { Span, SpeechOptions } from "../index.ts";
import { startTelemetry } from "../telemetry/index.ts";
import { acceptDrops } from "./books/drop.ts";
import { Shelf } from "./books/shelf.ts";
import { Busy } from "./busy.ts";
import { Corrections } from "./corrections.ts";
import { dialog } from "./dialogs.ts";
import { button, element } from "./dom.ts";
import { Draft } from "./draft.ts";
import { EmotionControls } from "./emotion/controls.ts";
import { InferredBars } from "./emotion/inferred.ts";
import { EngineHost, tellRestart } from "./engine-host.ts";
import { Explainer } from "./explainer.ts";
import { FailurePanel, titleOf } from "./failure.ts";
import { HistoryPanel } from "./history.ts";
import { InstallButton } from "./install.ts";
import { language, onLanguage, setLanguage, startLanguage, t } from "./language.ts";
import { MediaKeys } from "./media-keys.ts";
import { OfflineKeeper } from "./offline.ts";
import { OneVoice } from "./one-voice.ts";
import { type QueueState, ReadingQueue } from "./queue.ts";
import { ReadingView } from "./reading.ts";
import { exported } from "./save/exporter.ts";
import { beginning, fileName } from "./save/file-name.ts";
import { SaveMenu } from "./save/menu.ts";
import { Settings } from "./settings.ts";
import { isShared, parseFragment } from "./share.ts";
import { ShareButton } from "./share-button.ts";
import { listenForShortcuts } from "./shortcuts.ts";
import { PitchEdits } from "./sound/pitch-edits.ts";
import { SignalView } from "./sound/signal.ts";
import { PlayerStatus } from "./status.ts";
import { StyleChooser } from "./styles.ts";
import { ThemeSwitch } from "./theme.ts";
import { toast } from "./toast.ts";
import { Transport } from "./transport.ts";
import { VolumeControl } from "./volume.ts";
import { Writing } from "./writing.ts";

const busy = new Busy();
const status = new PlayerStatus();
const failure = new FailurePanel();
const offline = new OfflineKeeper(busy);
const explainer = new Explainer();
const pitchEdits = new PitchEdits();
const draft = new Draft();
const host = new EngineHost(
  failure,
  {
    onState: (state) => {
      const speakNow = state === "ready" && awaited;
      if (state !== "loading") awaited = false;
      showState();
      if (speakNow) speak();
    },
    onKept: (complete) => offline.kept(complete),
    onRestart: () => queue.active && tellRestart(),
    onReady: (tts, info) => {
      tts.volume = volume.amplitude;
      settings.list(info.voices, info.defaultVoice);
      status.engine(info);
      explainer.connect((text, options) => tts.explain(text, options));
      void style.connect(tts);
      inferred.connect((text) => tts.infer(text, options()));
    },
  },
  // Only where the server asks for figures; never a text.
  startTelemetry(),
);
const queue = new ReadingQueue(host.engine, pitchEdits.prepare);
const settings = new Settings((options) => queue.change(options));
const emotion = new EmotionControls((options) => queue.change(options));
const style = new StyleChooser((options) => queue.change(options));
const volume = new VolumeControl((amplitude) => {
  if (host.state === "ready") host.engine().volume = amplitude;
});
const inferred = new InferredBars();
const signal = new SignalView({
  pitchOf: ({ start }) => pitchEdits.get(spokenText, start),
  onPitch: ({ start }, semitones, sentence) => bend(start, semitones, sentence),
});
const writing = new Writing(
  () => {
    draft.keep(writing.text);
    reached(0);
    inferred.soon(content);
  },
  (text) => {
    toast(t("text.book"));
    void shelf.take(new File([text], `${beginning(text)}.txt`));
  },
);
/** What the queue reads: the field may have been changed since. */
let spokenText = "";
/** Where a text goes on whose reading was broken off. */
let resumeAt = 0;
/** The user wants to hear it before the engine is there. */
let awaited = false;
/** Which paragraph that place lies in. */
let paragraph = 0;

const corrections = new Corrections({
  engine: host.engine,
  options,
  text: content,
  reading: () => queue.active,
  speakFrom: (offset) => speak(offset),
  onText: (text) => {
    if (shelf.text === undefined) writing.text = text;
    else shelf.text = text;
    reading.show(text);
    reading.focus();
  },
  onWords: () => {
    const lexicon = corrections.words.all();
    explainer.use({ lexicon });
    queue.change({ lexicon });
    reading.refresh();
  },
});
const reading = new ReadingView(explainer, {
  onPick: (picked, offset, source) => corrections.show(picked, offset, source),
  onFrom: (offset) => speak(offset),
});
const transport = new Transport({ speak: () => speak(), togglePause, stop: () => queue.stop() });
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
    return exported(host.engine(), pitchEdits.prepare, { text, options: options(), format, signal, onProgress });
  },
  name: () => fileName(shelf.name || writing.text),
  onError: (error, again) => failure.show(error, again),
  onWork: () => tellBusy(),
});
new ShareButton(() => ({
  text: content(),
  settings: settings.values(),
  feeling: emotion.values(),
  words: corrections.words.all(),
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
    signal.clear();
    view("read");
    reading.say("reading.ready");
    goTo(text, offset);
  },
  onClose: () => {
    queue.stop();
    reached(0);
    view("write");
  },
  onProblem: (message) => toast(message),
});
acceptDrops(
  (file) => void (file.name.endsWith(".py") ? style.drop(file) : shelf.take(file)),
  ({ name }) => toast(t("book.one", { name })),
);
const media = new MediaKeys({
  play: () => (queue.state.kind === "paused" ? queue.resume() : speak()),
  pause: () => queue.pause(),
  stop: () => queue.stop(),
  next: () => goParagraph(1),
  previous: () => goParagraph(-1),
});
const voice = new OneVoice(() => queue.pause());
new InstallButton();
const help = dialog("help", "open-help");
button("language", () => setLanguage(language() === "zh" ? "en" : "zh"));
new ThemeSwitch(() => signal.redraw());

queue.on("state", followed);
queue.on("refused", ({ error, options }) => {
  toast(t("change.refused", { reason: titleOf(error) }));
  if (options.voice) settings.back(options.voice);
});
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

function showState(): void {
  transport.show(host.state, queue.state, awaited);
  saveMenu.enable(host.state === "ready");
}

/** A new version waits for what is spoken, and for a file that is being made. */
function tellBusy(): void {
  busy.set(queue.active || saveMenu.busy);
}

function options(): SpeechOptions {
  return { ...settings.options(), ...emotion.options(), ...style.options(), lexicon: corrections.words.all() };
}

/** What is read: the open chapter, else what stands in the field. */
function content(): string {
  return shelf.text ?? writing.text;
}

function speak(from = resumeAt, until?: number): void {
  if (host.state === "loading") {
    awaited = !awaited || from !== resumeAt;
    reached(from);
    showState();
  }
  if (host.state !== "ready") return;
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

function followed(state: QueueState): void {
  showState();
  media.follow(state.kind, shelf.name || spokenText);
  voice.set(state.kind === "preparing" || state.kind === "playing");
  tellBusy();
  if (state.kind === "paused") reading.say("reading.paused");
  if (state.kind === "playing") reading.say("reading.now");
  if (state.kind === "finished") {
    reading.end("reading.done");
    status.complete();
    reached(0);
    void shelf.next().then((more) => more && speak(0));
  }
  if (state.kind === "stopped") {
    reading.end("reading.stopped");
    if (shelf.text === undefined) reached(0);
  }
  if (state.kind === "failed") {
    reading.end(queue.stats.audioSeconds > 0 ? "reading.incomplete" : "reading.ready");
    if (queue.stats.audioSeconds === 0) {
      signal.clear();
      status.rewind();
      if (shelf.text === undefined) view("write");
    }
    failure.show(state.error, () => speak(queue.place));
  }
}

function togglePause(): void {
  if (queue.state.kind === "paused") queue.resume();
  else queue.pause();
}

function view(next: "write" | "read"): void {
  for (const [name, toggle] of Object.entries(views)) toggle.setAttribute("aria-pressed", String(name === next));
  document.body.dataset.view = next;
  if (next === "write") {
    shelf.putAway();
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

/** Shows a text from the place on where it was left. */
function goTo(text: string, offset: number): void {
  reading.show(text);
  reading.goTo(offset);
  paragraph = -1;
  showPlace(offset);
}

/** Whether the address carries a text. */
async function openShared(): Promise<boolean> {
  const shared = await parseFragment(location.hash);
  if (!shared) {
    if (isShared(location.hash)) toast(t("share.broken"));
    return false;
  }
  queue.stop();
  view("write");
  // What stood in the field is not lost to a link.
  if (draft.text !== shared.text) past.add(draft.text);
  writing.text = shared.text;
  settings.set(shared.settings);
  emotion.set(shared.feeling);
  corrections.words.borrow(shared.words);
  return true;
}

function isReload(): boolean {
  const [visit] = performance.getEntriesByType("navigation");
  return visit instanceof PerformanceNavigationTiming && visit.type === "reload";
}

/** What lay open when the page was left, unless a link brings another text. */
async function openLast(): Promise<void> {
  // A reload goes on with what the link's text has become, and with the place in it.
  const linked = !(draft.text && isReload()) && (await openShared());
  if (linked || !shelf.leftOpen) return;
  if (await shelf.reopen()) reading.say("reading.kept");
  else view("write");
}

/** The text of a visit that was broken off, where its reading was if no book was open. */
function openDraft(): void {
  const { text } = draft;
  if (!text) return;
  const place = draft.place(text);
  writing.text = text;
  if (place === 0 || shelf.leftOpen) return;
  view("read");
  goTo(text, place);
  reading.say("reading.kept");
}

function reached(offset: number): void {
  resumeAt = offset;
  if (shelf.text === undefined) draft.reached(offset, writing.text);
}

function showPlace(offset: number): void {
  const { at, count } = reading.placeOf(offset);
  reached(offset);
  if (at !== paragraph) {
    shelf.keep(offset);
    inferred.follow(content(), offset);
  }
  paragraph = at;
  status.place(at, count, offset / Math.max(1, content().length));
}

const pinyinBox = element("show-pinyin", HTMLInputElement);
pinyinBox.addEventListener("change", () => reading.pinyin(pinyinBox.checked));
listenForShortcuts({
  speak: () => speak(),
  pause: togglePause,
  stop: () => queue.stop(),
  mute: () => volume.toggle(),
  view: () => view(document.body.dataset.view === "read" ? "write" : "read"),
  next: () => goParagraph(1),
  previous: () => goParagraph(-1),
  help: () => help.showModal(),
});

onLanguage(showState);
startLanguage();
explainer.use({ lexicon: corrections.words.all() });
window.addEventListener("hashchange", () => void openShared());
view("write");
openDraft();
if (shelf.leftOpen && location.hash.length <= 1) {
  shelf.announce();
  view("read");
}
void openLast();
inferred.follow(content(), 0);
void host.load();
void offline.register();
