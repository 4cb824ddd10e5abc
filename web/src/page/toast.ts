/** A line that says what happened, for a moment. */
import { element } from "./dom.ts";

const SHOWN_MS = 5000;
let hiding: ReturnType<typeof setTimeout> | undefined;

export function toast(message: string): void {
  const line = element("toast", HTMLElement);
  clearTimeout(hiding);
  line.textContent = message;
  line.hidden = false;
  hiding = setTimeout(() => {
    line.hidden = true;
  }, SHOWN_MS);
}
