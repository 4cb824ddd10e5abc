/** W3C trace context, version 00 (https://www.w3.org/TR/trace-context/). */

function hexadecimal(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  // All zeros would be no id.
  if (random.every((byte) => byte === 0)) random[0] = 1;
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A new trace, sampled: `00-<trace>-<span>-01`. */
export function newTrace(): string {
  return `00-${hexadecimal(16)}-${hexadecimal(8)}-01`;
}
