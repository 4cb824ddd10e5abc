/** The name of a file that is saved: what its text begins with. */
import { t } from "../language.ts";

const LENGTH = 12;

export function fileName(text: string): string {
  const letters = Array.from(text.replace(/\{[^}]*\}|[^\p{L}\p{N}]+/gu, ""));
  return `${t("save.name")}-${letters.slice(0, LENGTH).join("") || t("save.untitled")}`;
}
