/** Whose voice it is, in one line, as the server writes it too (`py_engine/synthesis/credit.py`). */
import type { Voice } from "../protocol.ts";

/** Empty where the voice names no licence. */
export function creditOf({ id, license, attribution }: Pick<Voice, "id" | "license" | "attribution">): string {
  if (!license) return "";
  return `Voice ${id.split("/")[0]}, ${license}${attribution && `; ${attribution}`}`;
}
