export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Of at least one value. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) throw new RangeError("there is no value");
  const half = sorted.length / 2;
  const low = sorted[Math.ceil(half) - 1] ?? least;
  const high = sorted[Math.floor(half)] ?? most;
  return { median: (low + high) / 2, least, most };
}
