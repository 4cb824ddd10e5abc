/** Voice, speed and pitch, as they are kept on the device and carried by links. */
export interface VoiceSettings {
  readonly voice?: string;
  readonly speed?: number;
  readonly pitch?: number;
}

/** Settings out of anything, such as storage or a link: only what is in range. */
export function parseSettings(value: unknown): VoiceSettings {
  if (typeof value !== "object" || value === null) return {};
  const { voice, speed, pitch } = value as Record<string, unknown>;
  return {
    ...(typeof voice === "string" && voice.length <= 100 && { voice }),
    ...(typeof speed === "number" && speed >= 0.5 && speed <= 2 && { speed }),
    ...(typeof pitch === "number" && Math.abs(pitch) <= 12 && { pitch }),
  };
}
