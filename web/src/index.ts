/** Qingsheng 轻声: Mandarin text-to-speech in the browser. The entry for pages that embed it. */
export type { PlaybackEvents, PlaybackState, PlaybackStats } from "./audio/playback.ts";
export { Playback } from "./audio/playback.ts";
export { encodeWav, type Sound } from "./audio/wav.ts";
export { type LoadOptions, Qingsheng, type StreamOptions } from "./client/qingsheng.ts";
export { ERROR_CODES, type ErrorCode, QingshengError } from "./errors.ts";
export type {
  BootStage,
  Chunk,
  Control,
  Emotion,
  EmotionName,
  EngineInfo,
  ExplainedSyllable,
  ExplainedToken,
  ExplainedWord,
  Explanation,
  InferredSentence,
  Localised,
  Notice,
  Progress,
  Span,
  SpeechOptions,
  StageSeconds,
  StyleInfo,
  StyleRecord,
  Voice,
  Word,
} from "./protocol.ts";
export { EMOTIONS } from "./protocol.ts";
