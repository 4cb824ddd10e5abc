/** The panel for an error: what happened, what to do, and the code for those who report it. */
import type { QingshengError } from "../errors.ts";
import { button, element } from "./dom.ts";
import { EXPLANATIONS } from "./texts.ts";

export class FailurePanel {
  private readonly panel = element("failure", HTMLElement);
  private readonly title = element("failure-title", HTMLElement);
  private readonly remedy = element("failure-remedy", HTMLElement);
  private readonly code = element("failure-code", HTMLElement);
  private readonly message = element("failure-message", HTMLElement);
  private again: () => void = () => undefined;

  constructor() {
    button("retry", () => {
      this.hide();
      this.again();
    });
  }

  show(error: QingshengError, again: () => void): void {
    const { title, remedy } = EXPLANATIONS[error.code];
    this.again = again;
    this.title.textContent = title;
    this.remedy.textContent = remedy;
    this.code.textContent = error.code;
    this.message.textContent = `${error.message} ${error.remedy}`;
    this.panel.hidden = false;
  }

  hide(): void {
    this.panel.hidden = true;
  }
}
