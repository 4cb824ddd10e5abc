/** What a sound is like: enough to tell speech from silence, noise and distortion. */

export interface Sound {
  readonly samples: Float32Array;
  readonly sampleRate: number;
}

export interface Measured {
  readonly seconds: number;
  readonly rms: number;
  readonly peak: number;
  /** Share of 40 ms frames that are voiced. */
  readonly voiced: number;
  /** Median over the voiced frames, Hz; NaN when none is. */
  readonly f0: number;
}

const FRAME_SECONDS = 0.04;
const LOWEST_HZ = 60;
const HIGHEST_HZ = 500;
/** Normalised autocorrelation at the period above which a frame counts as voiced. */
const VOICED = 0.6;
const SILENT_RMS = 0.005;

export function measure({ samples, sampleRate }: Sound): Measured {
  const frame = Math.round(FRAME_SECONDS * sampleRate);
  const found: number[] = [];
  let frames = 0;
  for (let start = 0; start + frame <= samples.length; start += frame) {
    frames += 1;
    const f0 = pitch(samples.subarray(start, start + frame), sampleRate);
    if (f0 !== undefined) found.push(f0);
  }
  return {
    seconds: samples.length / sampleRate,
    rms: rms(samples),
    peak: samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0),
    voiced: frames > 0 ? found.length / frames : 0,
    f0: median(found),
  };
}

function rms(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length));
}

/** The shortest lag whose autocorrelation comes near the best one, so that octaves below are not preferred. */
function pitch(frame: Float32Array, sampleRate: number): number | undefined {
  if (rms(frame) < SILENT_RMS) return undefined;
  const shortest = Math.floor(sampleRate / HIGHEST_HZ);
  const longest = Math.ceil(sampleRate / LOWEST_HZ);
  const scores: number[] = [];
  for (let lag = shortest; lag <= longest; lag++) scores.push(correlation(frame, lag));
  const best = Math.max(...scores);
  if (best < VOICED) return undefined;
  let peak = scores.findIndex((score) => score > 0.9 * best);
  while ((scores[peak + 1] ?? -1) > (scores[peak] ?? 0)) peak += 1;
  return sampleRate / (shortest + peak);
}

function correlation(frame: Float32Array, lag: number): number {
  let product = 0;
  let early = 0;
  let late = 0;
  for (let i = lag; i < frame.length; i++) {
    const [a, b] = [frame[i - lag] ?? 0, frame[i] ?? 0];
    product += a * b;
    early += a * a;
    late += b * b;
  }
  return early > 0 && late > 0 ? product / Math.sqrt(early * late) : 0;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
