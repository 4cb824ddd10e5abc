/** The name of a file that is saved: what its text begins with. */
import { t } from "../language.ts";

const LENGTH = 12;
/** Characters among which those are found, as a text may be long. */
const LOOKED_AT = 1000;

export function fileName(text: string): string {
  return `${t("save.name")}-${beginning(text)}`;
}

/** Letters and digits that a text begins with. */
export function beginning(text: string): string {
  const letters = Array.from(text.slice(0, LOOKED_AT).replace(/\{[^}]*\}|[^\p{L}\p{N}]+/gu, ""));
  return letters.slice(0, LENGTH).join("") || t("save.untitled");
}
