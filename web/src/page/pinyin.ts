/** Pinyin as the engine writes it (`chong2`, `lv4`, `huar1`) and as people read it (`chóng`, `lǜ`, `huār`). */
const MARKS = ["", "\u0304", "\u0301", "\u030c", "\u0300"];
const MARKED_TONES = new Map(MARKS.flatMap((mark, tone) => (mark ? [[mark, tone] as const] : [])));
const NUMBERED = /^([a-zê]+)([0-5])$/;

/** The mark stands over a, o or e, else over the last of i, u, ü (GB/T 16159). Unknown forms stay as they are. */
export function marked(syllable: string): string {
  const found = NUMBERED.exec(syllable);
  if (!found) return syllable;
  const letters = (found[1] ?? "").replaceAll("v", "ü");
  const mark = MARKS[Number(found[2])] ?? "";
  const at = markedLetter(letters);
  if (!mark || at < 0) return letters;
  return (letters.slice(0, at + 1) + mark + letters.slice(at + 1)).normalize("NFC");
}

function markedLetter(letters: string): number {
  for (const strong of ["a", "e", "ê", "ou"]) {
    const at = letters.indexOf(strong);
    if (at >= 0) return at;
  }
  const o = letters.indexOf("o");
  if (o >= 0) return o;
  return Math.max(...["i", "u", "ü"].map((vowel) => letters.lastIndexOf(vowel)));
}

/** Syllables as typed, with tone marks or digits, as the engine takes them; undefined where one has no tone. */
export function numbered(typed: string): string | undefined {
  const syllables = typed
    .trim()
    .toLowerCase()
    .split(/[\s'’]+/)
    .filter(Boolean)
    .map(numberedSyllable);
  return syllables.length > 0 && syllables.every((one) => NUMBERED.test(one)) ? syllables.join(" ") : undefined;
}

function numberedSyllable(typed: string): string {
  let letters = "";
  let tone = "";
  for (const char of typed.normalize("NFD")) {
    const mark = MARKED_TONES.get(char);
    if (mark !== undefined) tone = String(mark);
    else if (char === "\u0308" && letters.endsWith("u")) letters = `${letters.slice(0, -1)}v`;
    else if (char === "\u0302" && letters.endsWith("e")) letters = `${letters.slice(0, -1)}ê`;
    else letters += char;
  }
  return letters.replace("u:", "v").replaceAll("ü", "v") + tone;
}
