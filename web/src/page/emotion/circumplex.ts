/**
 * A place in the plane of valence and arousal as a mixture of the six emotions.
 *
 * The emotions lie where raters placed the words (Russell and Mehrabian, "Evidence for a three-factor theory of emotions",
 * Journal of Research in Personality 11, 1977; the same figures as `py_engine/emotion/values.py`), neutral at the origin. Weights
 * are inverse squares of the distances (Shepard, "A two-dimensional interpolation function for irregularly-spaced data", ACM 1968),
 * so that each emotion is itself alone in its own place and the mixture changes without a jump between them.
 */
import { EMOTIONS, type EmotionName } from "../../protocol.ts";

/** Valence and arousal, each -1 to 1; arousal 0 is at rest. */
export interface Place {
  readonly valence: number;
  readonly arousal: number;
}

export type Mixture = Readonly<Partial<Record<EmotionName, number>>>;

export const PLACES: Readonly<Record<EmotionName, Place>> = {
  neutral: { valence: 0, arousal: 0 },
  joy: { valence: 0.81, arousal: 0.51 },
  sadness: { valence: -0.63, arousal: -0.27 },
  anger: { valence: -0.51, arousal: 0.59 },
  fear: { valence: -0.64, arousal: 0.6 },
  surprise: { valence: 0.4, arousal: 0.67 },
};

/** Weights below this say nothing that is heard. */
const LEAST = 0.03;
/** So close to an emotion's place is in it. */
const NEAR = 0.02;

/** Weights that sum to 1, rounded to hundredths. */
export function mixtureAt(place: Place): Mixture {
  const distances = EMOTIONS.map((name) => [name, distance(place, PLACES[name])] as const);
  const nearest = distances.reduce((best, one) => (one[1] < best[1] ? one : best));
  if (nearest[1] < NEAR) return { [nearest[0]]: 1 };
  const weights = shares(distances.map(([name, far]) => [name, far ** -2] as const));
  return Object.fromEntries(
    shares(weights.filter(([, weight]) => weight >= LEAST)).map(([name, weight]) => [
      name,
      Math.round(weight * 100) / 100,
    ]),
  );
}

/** Where a mixture lies: the weighted mean of its emotions' places. */
export function placeOf(mixture: Mixture): Place {
  const parts = shares(EMOTIONS.map((name) => [name, mixture[name] ?? 0] as const));
  return {
    valence: parts.reduce((sum, [name, weight]) => sum + weight * PLACES[name].valence, 0),
    arousal: parts.reduce((sum, [name, weight]) => sum + weight * PLACES[name].arousal, 0),
  };
}

function shares(weights: readonly (readonly [EmotionName, number])[]): (readonly [EmotionName, number])[] {
  const sum = weights.reduce((total, [, weight]) => total + weight, 0) || 1;
  return weights.map(([name, weight]) => [name, weight / sum] as const);
}

function distance(a: Place, b: Place): number {
  return Math.hypot(a.valence - b.valence, a.arousal - b.arousal);
}
