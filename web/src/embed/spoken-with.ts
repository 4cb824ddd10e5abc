/** The attributes that say how a player speaks. */
import { QingshengError } from "../errors.ts";
import type { EmotionName, SpeechOptions } from "../protocol.ts";

const NUMBERS = { speed: 1, pitch: 0, intensity: 1 } as const;
const NAMES = ["voice", "speed", "pitch", "emotion", "intensity", "style-id"] as const;

export type SpokenWith = (typeof NAMES)[number];

export function isSpokenWith(name: string): name is SpokenWith {
  return NAMES.some((one) => one === name);
}

/** What an attribute asks for; one that is not there, for what is usual. Throws `option.invalid`. */
export function optionOf(element: Element, name: SpokenWith): SpeechOptions {
  const written = element.getAttribute(name)?.trim() ?? "";
  switch (name) {
    case "voice":
      return { voice: written || null };
    case "style-id":
      return { style: written || null };
    case "emotion":
      // The engine says what it does not know.
      return { emotion: (written || "auto") as EmotionName | "auto" };
    default:
      return { [name]: written ? number(name, written) : NUMBERS[name] };
  }
}

/** All of them, so that an attribute that was taken away counts as well. Throws `option.invalid`. */
export function optionsOf(element: Element): SpeechOptions {
  return Object.assign({}, ...NAMES.map((name) => optionOf(element, name)));
}

function number(name: string, written: string): number {
  const value = Number(written);
  if (Number.isFinite(value)) return value;
  throw new QingshengError(
    "option.invalid",
    `${name} is ${JSON.stringify(written)}, expected a number.`,
    "Correct the attribute, or leave it out.",
    { option: name, got: written, expected: "a number" },
  );
}
