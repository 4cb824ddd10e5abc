/** The page's modal windows: opened by a button, closed by their cross, Escape, or a click beside them. */
import { button, element } from "./dom.ts";

export function dialog(id: string, opener: string, onOpen: () => void = () => undefined): HTMLDialogElement {
  const found = element(id, HTMLDialogElement);
  button(opener, () => {
    onOpen();
    found.showModal();
  });
  found.querySelector(".close")?.addEventListener("click", () => found.close());
  found.addEventListener("click", (event) => {
    if (event.target === found) found.close();
  });
  return found;
}
