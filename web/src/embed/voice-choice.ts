/** Which voice speaks a language, as the Web Speech API has it: the default one if it does, else another. */
import type { SynthesisVoice } from "./speech-synthesis.ts";

/** undefined: none does. tag: BCP 47, or `zh_CN` as some systems write it. */
export function voiceOf(tag: string, voices: readonly SynthesisVoice[]): SynthesisVoice | undefined {
  const language = spoken(tag);
  const fitting = voices.filter(({ lang }) => spoken(lang) === language);
  return fitting.find((voice) => voice.default) ?? fitting[0];
}

/** Without script and country: Mandarin is `zh` and `cmn`; `zh-yue` and its like are other languages (RFC 5646, section 2.2.2). */
function spoken(tag: string): string {
  const [primary = "", second = ""] = tag.trim().toLowerCase().split(/[-_]/);
  const language = /^[a-z]{3}$/.test(second) ? second : primary;
  return language === "cmn" ? "zh" : language;
}
