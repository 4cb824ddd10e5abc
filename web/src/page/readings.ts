/** Words and their readings, as they are kept on the device and carried by links. */

/** The engine's own bounds (`UserLexicon`): a word of 32 characters; as many entries as a person makes. */
export const MAX_ENTRIES = 500;
const MAX_WORD = 32;
const MAX_READING = 64;

export type Readings = Readonly<Record<string, string>>;

/** Entries out of anything, such as storage or a link; what is no entry is left out. */
export function parseReadings(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  const entries = Object.entries(value).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === "string" &&
      entry[0].length > 0 &&
      entry[0].length <= MAX_WORD &&
      entry[1].length > 0 &&
      entry[1].length <= MAX_READING,
  );
  return Object.fromEntries(entries.slice(0, MAX_ENTRIES));
}
