/** One trial: two sounds, a preference, ratings. Answers count once both have been heard to the end. */
import { type Answer, type Preference, type Question, SIDES, type Side, type Trial } from "./api.ts";
import { make, press } from "./elements.ts";
import type { SoundMaker, Sounds } from "./sounds.ts";
import type { Language, Texts } from "./texts.ts";

export const LETTERS: Readonly<Record<Side, string>> = { left: "A", right: "B" };
const SCALE = [1, 2, 3, 4, 5];

export interface TrialContext {
  readonly texts: Texts;
  readonly language: Language;
  readonly maker: SoundMaker;
  readonly questions: readonly Question[];
  readonly place: string;
  readonly last: boolean;
  readonly tell: (text: string) => void;
}

type Given = Pick<Answer, "preference" | "scores" | "seconds">;

export class TrialView {
  readonly element: HTMLFormElement;
  private readonly heard = new Set<Side>();
  private readonly buttons: Readonly<Record<Side, HTMLButtonElement>>;
  private readonly answers: HTMLFieldSetElement;
  private readonly note: HTMLElement;
  private readonly began = performance.now();
  private playing: Side | undefined;

  constructor(
    trial: Trial,
    private readonly sounds: Sounds,
    private readonly context: TrialContext,
    private readonly onGiven: (given: Given) => void,
  ) {
    const { texts, place, last } = context;
    this.buttons = { left: this.player("left"), right: this.player("right") };
    this.note = make("p", { class: "note", role: "status" }, texts.listenFirst);
    this.answers = make("fieldset", { class: "answers", disabled: true }, ...this.questions());
    this.element = make(
      "form",
      { class: "card trial", "aria-labelledby": "place" },
      make("h2", { id: "place", class: "quiet", tabindex: "-1" }, place),
      make("p", { class: "spoken", lang: "zh-CN" }, trial.text),
      make("div", { class: "players" }, this.buttons.left, this.buttons.right),
      this.note,
      this.answers,
      make("button", { class: "primary", type: "submit" }, last ? texts.finish : texts.next),
      make("p", { class: "hint keys" }, texts.keys),
    );
    this.element.noValidate = true;
    this.element.addEventListener("change", () => {
      if (!this.answers.disabled) this.note.textContent = "";
    });
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
  }

  /** A and B play, the space bar stops, wherever the focus is. */
  key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const side = SIDES.find((each) => LETTERS[each].toLowerCase() === event.key.toLowerCase());
    if (side) void this.toggle(side);
    else if (event.key === " " && this.playing && !(event.target instanceof HTMLButtonElement)) {
      event.preventDefault();
      this.context.maker.stop();
    }
  }

  private player(side: Side): HTMLButtonElement {
    const button = press("", "player", () => void this.toggle(side));
    button.append(
      make("span", { class: "letter", "aria-hidden": "true" }, LETTERS[side]),
      make("span", { class: "what" }),
    );
    this.show(button, side);
    return button;
  }

  private show(button: HTMLButtonElement, side: Side): void {
    const { texts } = this.context;
    const active = this.playing === side;
    const words = active ? texts.stop(LETTERS[side]) : texts.play(LETTERS[side]);
    const what = button.querySelector(".what");
    if (what) what.textContent = this.heard.has(side) ? `${words} · ${texts.heard}` : words;
    button.dataset.state = active ? "playing" : this.heard.has(side) ? "heard" : "new";
  }

  private async toggle(side: Side): Promise<void> {
    const { maker } = this.context;
    if (this.playing === side) {
      maker.stop();
      return;
    }
    this.playing = side;
    this.showAll();
    const whole = await maker.play(this.sounds[side]);
    if (whole) this.heard.add(side);
    if (this.playing === side) this.playing = undefined;
    if (this.heard.size === SIDES.length && this.answers.disabled) {
      this.answers.disabled = false;
      this.note.textContent = "";
    }
    this.showAll();
  }

  private showAll(): void {
    for (const side of SIDES) this.show(this.buttons[side], side);
  }

  private questions(): HTMLElement[] {
    const { texts, language, questions } = this.context;
    const choices: readonly (readonly [Preference, string])[] = [
      ["left", LETTERS.left],
      ["none", texts.none],
      ["right", LETTERS.right],
    ];
    const preference = make(
      "fieldset",
      { class: "choice" },
      make("legend", {}, texts.prefer),
      make("div", { class: "options" }, ...choices.map(([value, label]) => radio("preference", value, label))),
    );
    if (questions.length === 0) return [preference];
    const head = make("p", { class: "rate" }, texts.rate, make("span", { class: "hint" }, texts.scale));
    const rated = questions.map((question) =>
      make(
        "div",
        { class: "question" },
        make("p", { class: "asked" }, question[language]),
        ...SIDES.map((side) =>
          make(
            "fieldset",
            { class: "rating" },
            make("legend", {}, make("span", { class: "sr-only" }, `${question[language]}: `), LETTERS[side]),
            make(
              "div",
              { class: "options" },
              ...SCALE.map((score) => radio(`${question.id}:${side}`, String(score), String(score))),
            ),
          ),
        ),
      ),
    );
    return [preference, head, ...rated];
  }

  private submit(): void {
    const { texts, questions, tell } = this.context;
    const values = new FormData(this.element);
    const rating = (id: string, side: Side) => Number(values.get(`${id}:${side}`) ?? 0);
    const preference = values.get("preference");
    const scores = Object.fromEntries(
      questions.map(({ id }) => [id, { left: rating(id, "left"), right: rating(id, "right") }]),
    );
    const complete = Object.values(scores).every(({ left, right }) => left > 0 && right > 0);
    if (this.answers.disabled || !preference || !complete) {
      this.note.textContent = this.answers.disabled ? texts.listenFirst : texts.missing;
      tell(this.note.textContent);
      return;
    }
    this.context.maker.stop();
    this.onGiven({ preference: preference as Preference, scores, seconds: (performance.now() - this.began) / 1000 });
  }
}

function radio(name: string, value: string, label: string): HTMLLabelElement {
  return make("label", {}, make("input", { type: "radio", name, value }), make("span", {}, label));
}
