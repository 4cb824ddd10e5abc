/** Loudness of a mono sound, after ITU-R BS.1770-4: K weighting, 400 ms blocks, both gates. */

const BLOCK_SECONDS = 0.4;
const STEP_SECONDS = 0.1;
const ABSOLUTE_GATE = -70;
const RELATIVE_GATE = -10;
const OFFSET = -0.691;

interface Biquad {
  readonly b: readonly [number, number, number];
  readonly a: readonly [number, number];
}

/** The analogue prototypes whose coefficients at 48 kHz are those of BS.1770-4, tables 1 and 2. */
function weighting(sampleRate: number): readonly [Biquad, Biquad] {
  return [shelf(1681.974450955533, 3.999843853973347, 0.7071752369554196, sampleRate), highPass(sampleRate)];
}

function shelf(hertz: number, decibels: number, q: number, sampleRate: number): Biquad {
  const k = Math.tan((Math.PI * hertz) / sampleRate);
  const high = 10 ** (decibels / 20);
  const middle = high ** 0.4996667741545416;
  const a0 = 1 + k / q + k * k;
  return {
    b: [(high + (middle * k) / q + k * k) / a0, (2 * (k * k - high)) / a0, (high - (middle * k) / q + k * k) / a0],
    a: [(2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0],
  };
}

function highPass(sampleRate: number): Biquad {
  const q = 0.5003270373238773;
  const k = Math.tan((Math.PI * 38.13547087602444) / sampleRate);
  const a0 = 1 + k / q + k * k;
  return { b: [1, -2, 1], a: [(2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0] };
}

function filtered(samples: Float32Array, { b, a }: Biquad): Float32Array {
  const out = new Float32Array(samples.length);
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  for (let at = 0; at < samples.length; at++) {
    const x = samples[at] ?? 0;
    const y = b[0] * x + b[1] * x1 + b[2] * x2 - a[0] * y1 - a[1] * y2;
    [x2, x1, y2, y1] = [x1, x, y1, y];
    out[at] = y;
  }
  return out;
}

function level(power: number): number {
  return OFFSET + 10 * Math.log10(power);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** LKFS; undefined for what is silent. A sound shorter than a block is one block. */
export function loudness(samples: Float32Array, sampleRate: number): number | undefined {
  const [first, second] = weighting(sampleRate);
  const weighted = filtered(filtered(samples, first), second);
  const block = Math.min(Math.round(BLOCK_SECONDS * sampleRate), weighted.length);
  const powers: number[] = [];
  for (let begin = 0; begin + block <= weighted.length; begin += Math.round(STEP_SECONDS * sampleRate)) {
    let sum = 0;
    for (let at = begin; at < begin + block; at++) sum += (weighted[at] ?? 0) ** 2;
    powers.push(sum / block);
  }
  const loud = powers.filter((power) => level(power) > ABSOLUTE_GATE);
  if (loud.length === 0) return undefined;
  const gate = level(mean(loud)) + RELATIVE_GATE;
  return level(mean(loud.filter((power) => level(power) > gate)));
}

/** Factors that bring all sounds to the loudness of the softest, so that none is clipped. */
export function matchingGains(levels: readonly (number | undefined)[]): number[] {
  const known = levels.filter((each) => each !== undefined);
  const softest = Math.min(...known);
  return levels.map((each) => (each === undefined ? 1 : 10 ** ((softest - each) / 20)));
}
