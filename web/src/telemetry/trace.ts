/** W3C trace context, version 00 (https://www.w3.org/TR/trace-context/). */
import { hexadecimal } from "../random.ts";

/** A new trace, sampled: `00-<trace>-<span>-01`. */
export function newTrace(): string {
  return `00-${hexadecimal(16)}-${hexadecimal(8)}-01`;
}
