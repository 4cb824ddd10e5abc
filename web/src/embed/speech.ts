/**
 * The one line for an app that is written for `speechSynthesis`:
 *
 *     <script type="module" src="https://your.site/qingsheng-speech.js"></script>
 */
import { installSpeechSynthesis } from "./speech-synthesis.ts";

export { sharedEngine, useEngine } from "./engine.ts";
export * from "./speech-synthesis.ts";

/** Puts the browser's own speech synthesis back. */
export const uninstall = installSpeechSynthesis();
