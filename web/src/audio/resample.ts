/** Zero crossings of the sinc on each side. */
const ZEROS = 12;

/**
 * Samples at another rate, always a copy: band-limited interpolation with a sinc under a Hann window (Smith and
 * Gossett 1984). For the rare case of a voice that is changed, in mid-speech, for one with another rate.
 */
export function resample(samples: Float32Array, from: number, to: number): Float32Array<ArrayBuffer> {
  if (from === to) return Float32Array.from(samples);
  const step = from / to;
  // Below the lower of the two Nyquist frequencies.
  const cutoff = Math.min(1, to / from);
  const reach = Math.ceil(ZEROS / cutoff);
  return Float32Array.from({ length: Math.round(samples.length / step) }, (_, index) => {
    const centre = index * step;
    const last = Math.min(samples.length - 1, Math.floor(centre) + reach);
    let sum = 0;
    for (let at = Math.max(0, Math.ceil(centre) - reach); at <= last; at++) {
      sum += (samples[at] ?? 0) * cutoff * kernel((at - centre) * cutoff);
    }
    return sum;
  });
}

function kernel(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= ZEROS) return 0;
  const angle = Math.PI * x;
  return (Math.sin(angle) / angle) * (0.5 + 0.5 * Math.cos(angle / ZEROS));
}
