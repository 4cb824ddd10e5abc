/** Why a syllable is read as it is (`py_engine/text/explain.py`), in the page's language. */
import type { ExplainedSyllable } from "../protocol.ts";
import { type TextKey, t } from "./language.ts";

const REASONS: readonly (readonly [RegExp, TextKey])[] = [
  [/^word (?<word>.+), by its characters$/, "reason.characters"],
  [/^word (?<word>.+)$/, "reason.word"],
  [/^commonest reading$/, "reason.commonest"],
  [/^rule /, "reason.rule"],
  [/^context .+\$$/, "reason.last"],
  [/^context \^/, "reason.first"],
  [/^context (?<context>.+)$/, "reason.context"],
  [/^suffix (?<word>.+)$/, "reason.suffix"],
  [/^inline pinyin$/, "reason.inline"],
  [/^user lexicon: (?<word>.+)$/, "reason.user"],
  [/^model\b/, "reason.model"],
  [/^[a-z]+(\.[a-z_]+)*$/, "reason.number"],
];

const SANDHI: readonly (readonly [RegExp, TextKey])[] = [
  [/^third tone/, "sandhi.third"],
  [/^一 /, "sandhi.yi"],
  [/^不 /, "sandhi.bu"],
  [/^neutral/, "sandhi.neutral"],
  [/^啊 /, "sandhi.a"],
];

export function reasonText({ reason }: ExplainedSyllable): string {
  return matched(REASONS, reason) ?? t("reason.other", { reason });
}

/** Empty where nothing changed it. */
export function sandhiText({ sandhi }: ExplainedSyllable): string {
  return sandhi && (matched(SANDHI, sandhi) ?? t("sandhi.other", { sandhi }));
}

function matched(table: readonly (readonly [RegExp, TextKey])[], text: string): string | undefined {
  for (const [pattern, key] of table) {
    const found = pattern.exec(text);
    if (found) return t(key, found.groups ?? {});
  }
  return undefined;
}
