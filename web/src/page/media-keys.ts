/**
 * Media keys and the lock screen. Browsers show their controls only for a media element that plays, and speech comes out of Web
 * Audio; so a silent sound plays beside it as long as it speaks.
 */
import { encodeWav } from "../audio/wav.ts";
import { t } from "./language.ts";
import type { QueueState } from "./queue.ts";

export interface MediaActions {
  play(): void;
  pause(): void;
  stop(): void;
  next(): void;
  previous(): void;
}

/** Chromium shows no controls for what is shorter than five seconds. */
const SILENT_SECONDS = 8;
const SILENT_RATE = 8000;
const TITLE_LENGTH = 40;

export class MediaKeys {
  private silence: HTMLAudioElement | undefined;

  constructor(actions: MediaActions) {
    if (!("mediaSession" in navigator)) return;
    const handlers: readonly (readonly [MediaSessionAction, () => void])[] = [
      ["play", actions.play],
      ["pause", actions.pause],
      ["stop", actions.stop],
      ["nexttrack", actions.next],
      ["previoustrack", actions.previous],
    ];
    for (const [name, action] of handlers) {
      try {
        navigator.mediaSession.setActionHandler(name, action);
      } catch {
        // A browser that lacks this key has the others.
      }
    }
  }

  /** title: of what is read. */
  follow(state: QueueState["kind"], title: string): void {
    if (state === "preparing" || state === "playing") this.show("playing", title);
    else this.show(state === "paused" ? "paused" : "none", title);
  }

  private show(state: MediaSessionPlaybackState, title: string): void {
    if (!("mediaSession" in navigator)) return;
    navigator.mediaSession.playbackState = state;
    if (state === "none") {
      this.silence?.pause();
      return;
    }
    const shown = Array.from(title.replace(/\s+/g, " ")).slice(0, TITLE_LENGTH).join("");
    if (navigator.mediaSession.metadata?.title !== shown) {
      const artwork = [{ src: new URL("icon-512.png", document.baseURI).href, sizes: "512x512", type: "image/png" }];
      navigator.mediaSession.metadata = new MediaMetadata({ title: shown, artist: t("save.name"), artwork });
    }
    if (state === "playing") this.play();
    else this.silence?.pause();
  }

  private play(): void {
    this.silence ??= silentSound();
    // Refused without a gesture: then there are no media keys either.
    this.silence.play().catch(() => undefined);
  }
}

function silentSound(): HTMLAudioElement {
  const wav = encodeWav([{ samples: new Float32Array(SILENT_SECONDS * SILENT_RATE), sampleRate: SILENT_RATE }]);
  const sound = new Audio(URL.createObjectURL(new Blob([wav], { type: "audio/wav" })));
  sound.loop = true;
  return sound;
}
