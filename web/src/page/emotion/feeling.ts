/** What is wished for, as it is kept on the device and carried by links. */
import { EMOTIONS, type EmotionName } from "../../protocol.ts";
import type { Mixture } from "./circumplex.ts";

const MAX_INTENSITY = 1.2;

export type Wish = "auto" | EmotionName | Mixture;

export interface Feeling {
  readonly emotion: Wish;
  readonly intensity: number;
}

const PLAIN: Feeling = { emotion: "auto", intensity: 1 };

/** A feeling out of anything, such as storage or a link. */
export function parseFeeling(value: unknown): Feeling {
  if (typeof value !== "object" || value === null) return PLAIN;
  const { emotion, intensity } = value as Record<string, unknown>;
  const inRange = typeof intensity === "number" && intensity >= 0 && intensity <= MAX_INTENSITY;
  return { emotion: parseWish(emotion), intensity: inRange ? intensity : PLAIN.intensity };
}

function parseWish(value: unknown): Wish {
  if (value === "auto" || EMOTIONS.some((name) => name === value)) return value as Wish;
  if (typeof value !== "object" || value === null) return "auto";
  const weights = EMOTIONS.flatMap((name): [EmotionName, number][] => {
    const weight = (value as Record<string, unknown>)[name];
    return typeof weight === "number" && weight > 0 && weight <= 1 ? [[name, weight]] : [];
  });
  return weights.length > 0 ? Object.fromEntries(weights) : "auto";
}
