/** The listening test's page: which part, its trials, thanks; behind a token, the results. */
import { element } from "../page/dom.ts";
import { read, write } from "../page/storage.ts";
import { LANGUAGE_KEY, TAGS, visitorLanguage } from "../page/visitor.ts";
import { uuid } from "../random.ts";
import * as api from "./api.ts";
import { make, press } from "./elements.ts";
import { resultsView } from "./results-view.ts";
import { SoundMaker } from "./sounds.ts";
import { explain, textsOf } from "./texts.ts";
import { TrialView } from "./trial-view.ts";

const USER_KEY = "listening.user";
const TOKEN_KEY = "qingsheng-listening-token";
/** Where the browser refuses the site its storage, a reload asks for it again. */
let token: string | undefined = session(() => sessionStorage.getItem(TOKEN_KEY) ?? undefined);

let language = visitorLanguage();
let texts = textsOf(language);
let trial: TrialView | undefined;
/** Counts the views, so that what was asked for one is not shown in another. */
let view = 0;
let again: () => void = home;

const main = element("main", HTMLElement);
const status = element("status", HTMLElement);
const user = listener();
const maker = new SoundMaker(user, (share) => {
  const note = main.querySelector("#preparing");
  if (note) note.textContent = texts.engine(Math.round(100 * share));
});

function session<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** A random id, made here and kept here; it says nothing about anybody. */
function listener(): string {
  const kept = read(USER_KEY);
  if (kept) return kept;
  const made = uuid();
  write(USER_KEY, made);
  return made;
}

function show(...children: readonly HTMLElement[]): void {
  trial = undefined;
  maker.stop();
  main.replaceChildren(...children);
  main.scrollIntoView();
}

function tell(text: string): void {
  status.textContent = text;
}

function failed(error: unknown): void {
  const text = explain(error, texts);
  show(make("section", { class: "card failure", role: "alert" }, make("p", {}, text), press(texts.retry, "", again)));
}

/** Runs what fills a view; of a view that was left meanwhile nothing is shown any more. */
async function enter(next: () => void, fill: (current: () => boolean) => Promise<void>): Promise<void> {
  again = next;
  view += 1;
  const own = view;
  const current = () => own === view;
  try {
    await fill(current);
  } catch (error) {
    if (current()) failed(error);
  }
}

function waiting(): void {
  show(make("p", { id: "preparing", class: "card", role: "status" }, texts.loading));
}

function home(): void {
  void enter(home, async (current) => {
    const listed = await api.scenarios();
    const cards = await Promise.all(listed.map(card));
    if (current()) show(introduction(), ...cards);
  });
}

function introduction(): HTMLElement {
  return make(
    "section",
    { class: "intro" },
    make("p", { class: "lead" }, texts.welcome),
    make("p", { class: "hint" }, texts.headphones, " ", texts.privacy),
  );
}

async function card(info: api.ScenarioInfo): Promise<HTMLElement> {
  const { trials } = await api.session(info.id, user);
  const done = trials.filter((each) => each.done).length;
  return make(
    "section",
    { class: "card scenario", "data-scenario": info.id },
    make("h2", {}, info.name[language]),
    make("p", {}, info.task[language]),
    make(
      "div",
      { class: "row" },
      make("span", { class: "figures" }, texts.progress(done, trials.length)),
      press(done === trials.length ? texts.again : texts.start, "primary", () => begin(info.id)),
    ),
  );
}

/** At the first trial without an answer; where all have one, at the first. */
function begin(scenario: string): void {
  void enter(
    () => begin(scenario),
    async (current) => {
      waiting();
      const session = await api.session(scenario, user);
      const first = session.trials.findIndex((each) => !each.done);
      if (current()) step(session, Math.max(0, first));
    },
  );
}

function step(session: api.Session, at: number): void {
  void enter(
    () => step(session, at),
    async (current) => {
      const given = session.trials[at];
      if (!given) {
        thanks(session);
        return;
      }
      waiting();
      const sounds = await maker.make(session.scenario, given);
      if (!current()) return;
      const context = {
        texts,
        language,
        maker,
        tell,
        questions: session.questions,
        place: texts.trial(at + 1, session.trials.length),
        last: at === session.trials.length - 1,
      };
      const shown = new TrialView(given, sounds, context, (answer) => {
        const all = { ...answer, scenario: session.scenario, user, item: given.item };
        void save(session, at, all);
      });
      show(shown.element);
      trial = shown;
      element("place", HTMLElement).focus();
    },
  );
}

async function save(session: api.Session, at: number, answer: api.Answer): Promise<void> {
  await enter(
    () => void save(session, at, answer),
    async (current) => {
      await api.send(answer);
      if (current()) step(session, at + 1);
    },
  );
}

function thanks(session: api.Session): void {
  void enter(home, async (current) => {
    const others = (await api.scenarios()).filter(({ id }) => id !== session.scenario);
    const cards = await Promise.all(others.map(card));
    const note = others.length > 0 ? texts.thanksMore : "";
    if (!current()) return;
    show(make("section", { class: "card thanks" }, make("h2", {}, texts.thanks), make("p", {}, note)), ...cards);
    tell(texts.thanks);
  });
}

function results(): void {
  const given = token;
  if (given === undefined) {
    askToken();
    return;
  }
  void enter(results, async (current) => {
    waiting();
    try {
      const found = await api.results(given);
      if (!current()) return;
      const download = press(texts.download, "", () => void saveTable(given));
      show(make("div", { class: "row" }, make("h2", {}, texts.results), download), ...found.map(shown));
    } catch (error) {
      token = undefined;
      session(() => sessionStorage.removeItem(TOKEN_KEY));
      throw error;
    }
  });
}

function shown(found: api.ScenarioResult): HTMLElement {
  return resultsView(found, texts, language);
}

function askToken(): void {
  const input = make("input", { id: "token", type: "password", autocomplete: "current-password", required: true });
  const form = make(
    "form",
    { class: "card" },
    make("h2", {}, texts.results),
    make("label", { for: "token" }, texts.token),
    input,
    make("button", { class: "primary", type: "submit" }, texts.show),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    token = input.value;
    session(() => sessionStorage.setItem(TOKEN_KEY, input.value));
    results();
  });
  show(form);
  input.focus();
}

async function saveTable(token: string): Promise<void> {
  const url = URL.createObjectURL(await api.table(token));
  make("a", { href: url, download: "listening.csv" }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function route(): void {
  if (location.hash === "#results") results();
  else home();
}

function speak(next: typeof language): void {
  language = next;
  texts = textsOf(language);
  document.documentElement.lang = TAGS[language];
  document.title = `${texts.title} · Qingsheng`;
  element("title", HTMLElement).textContent = texts.title;
  const button = element("language", HTMLButtonElement);
  button.textContent = texts.other;
  button.setAttribute("aria-label", texts.otherLabel);
  button.lang = language === "zh" ? "en" : "zh-CN";
}

element("language", HTMLButtonElement).addEventListener("click", () => {
  speak(language === "zh" ? "en" : "zh");
  write(LANGUAGE_KEY, language);
  again();
});
addEventListener("hashchange", route);
document.addEventListener("keydown", (event) => {
  if (!(event.target instanceof HTMLInputElement && event.target.type !== "radio")) trial?.key(event);
});
speak(language);
route();
