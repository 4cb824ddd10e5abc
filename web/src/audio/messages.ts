/** Between the page and the player in the audio thread. */
export type ToPlayer =
  /** Where there is a ring in shared memory, samples go there instead. */
  | { readonly type: "push"; readonly samples: Float32Array<ArrayBuffer> }
  /** Nothing more will be pushed. */
  | { readonly type: "end" }
  /** Nothing behind this sample is to be heard, whatever was or will be pushed. */
  | { readonly type: "endAt"; readonly sample: number }
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  | { readonly type: "stop" };

export type FromPlayer =
  /** played: samples heard so far. underruns: how often the queue ran dry in mid-speech. */
  | { readonly type: "position"; readonly played: number; readonly underruns: number }
  /** Everything was played, or stopped; the player is gone. */
  | { readonly type: "done"; readonly played: number; readonly underruns: number };

export interface PlayerOptions {
  /** A `SampleRing`, with cross-origin isolation. */
  readonly ring?: SharedArrayBuffer;
}

export const PLAYER_NAME = "qingsheng-player";
/** Hz, for a voice that does not say otherwise. */
export const SAMPLE_RATE = 24_000;
