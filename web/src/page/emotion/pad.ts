/** The plane of valence and arousal: a point that is dragged, or moved with the arrow keys. */
import { EMOTIONS } from "../../protocol.ts";
import { create, element } from "../dom.ts";
import { onLanguage, t } from "../language.ts";
import { type Mixture, mixtureAt, PLACES, type Place } from "./circumplex.ts";

const STEP = 0.05;
const MOVES: Readonly<Record<string, Place>> = {
  ArrowLeft: { valence: -STEP, arousal: 0 },
  ArrowRight: { valence: STEP, arousal: 0 },
  ArrowUp: { valence: 0, arousal: STEP },
  ArrowDown: { valence: 0, arousal: -STEP },
};

export class EmotionPad {
  private readonly pad = element("pad", HTMLElement);
  private readonly point = element("pad-point", HTMLElement);
  private place: Place = PLACES.neutral;
  private dragged = false;

  constructor(private readonly onMove: (mixture: Mixture) => void) {
    this.pad.addEventListener("pointerdown", (event) => this.grab(event));
    this.pad.addEventListener("pointermove", (event) => this.dragged && this.drag(event));
    for (const kind of ["pointerup", "pointercancel"]) this.pad.addEventListener(kind, () => this.drop());
    this.pad.addEventListener("keydown", (event) => this.pressed(event));
    onLanguage(() => this.name());
    this.name();
    this.show(this.place);
  }

  /** From outside: nothing is told. */
  show(place: Place): void {
    this.place = { valence: held(place.valence), arousal: held(place.arousal) };
    this.point.style.left = `${((this.place.valence + 1) / 2) * 100}%`;
    this.point.style.top = `${((1 - this.place.arousal) / 2) * 100}%`;
    this.describe();
  }

  private name(): void {
    for (const old of this.pad.querySelectorAll(".pad-name")) old.remove();
    for (const name of EMOTIONS) {
      const label = create("span", t(`emotion.${name}`), "pad-name");
      label.dataset.emotion = name;
      label.style.left = `${((PLACES[name].valence + 1) / 2) * 100}%`;
      label.style.top = `${((1 - PLACES[name].arousal) / 2) * 100}%`;
      this.pad.append(label);
    }
    this.describe();
  }

  private describe(): void {
    const { valence, arousal } = this.place;
    this.pad.setAttribute("aria-valuenow", valence.toFixed(2));
    const values = { valence: signed(valence), arousal: signed(arousal), mixture: mixtureText(mixtureAt(this.place)) };
    this.pad.setAttribute("aria-valuetext", t("emotion.place", values));
  }

  private grab(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.dragged = true;
    this.pad.setPointerCapture(event.pointerId);
    this.drag(event);
  }

  private drag(event: PointerEvent): void {
    const { left, top, width, height } = this.pad.getBoundingClientRect();
    this.move({
      valence: ((event.clientX - left) / width) * 2 - 1,
      arousal: 1 - ((event.clientY - top) / height) * 2,
    });
  }

  private drop(): void {
    this.dragged = false;
  }

  private pressed(event: KeyboardEvent): void {
    const by = MOVES[event.key];
    if (!by || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const times = event.shiftKey ? 4 : 1;
    this.move({ valence: this.place.valence + by.valence * times, arousal: this.place.arousal + by.arousal * times });
  }

  private move(place: Place): void {
    this.show(place);
    this.onMove(mixtureAt(this.place));
  }
}

function held(value: number): number {
  return Math.round(Math.min(1, Math.max(-1, value)) * 100) / 100;
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
}

/** Its emotions by weight, as a person reads them. */
export function mixtureText(mixture: Mixture): string {
  return EMOTIONS.map((name) => ({ name, weight: mixture[name] ?? 0 }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ name, weight }) => t("emotion.share", { name: t(`emotion.${name}`), percent: Math.round(weight * 100) }))
    .join(t("list.comma"));
}
