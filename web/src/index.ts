/** Qingsheng 轻声: Mandarin text-to-speech in the browser. The entry for pages that embed it. */
export { creditOf } from "./audio/credit.ts";
export type { PlaybackEvents, PlaybackState, PlaybackStats } from "./audio/playback.ts";
export { Playback } from "./audio/playback.ts";
export { encodeSubtitles, type SubtitleFormat } from "./audio/subtitles.ts";
export { encodeWav, type Sound } from "./audio/wav.ts";
export type { LiveSpeech } from "./client/live.ts";
export type { Outcome, SpeechObserver, StreamObserver } from "./client/observer.ts";
export { type LiveOptions, type LoadOptions, Qingsheng, type StreamOptions } from "./client/qingsheng.ts";
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
  Mark,
  Notice,
  Phone,
  PitchCurve,
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
export { startTelemetry } from "./telemetry/index.ts";
