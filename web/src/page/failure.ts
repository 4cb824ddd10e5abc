/** The panel for an error: what happened, what to do, and the code for those who report it. */
import { type QingshengError, toQingshengError } from "../errors.ts";
import { button, element } from "./dom.ts";
import { isTextKey, onLanguage, type TextKey, t } from "./language.ts";

/** What the text, or a setting, is to blame for: the same again would fail again. */
const FOR_GOOD = /^(text|markup|lexicon|option)\./;

export class FailurePanel {
  private readonly panel = element("failure", HTMLElement);
  private readonly title = element("failure-title", HTMLElement);
  private readonly remedy = element("failure-remedy", HTMLElement);
  private readonly code = element("failure-code", HTMLElement);
  private readonly message = element("failure-message", HTMLElement);
  private readonly close = button("failure-close", () => this.hide());
  private readonly retry = button("retry", () => {
    this.hide();
    this.again();
  });
  private again: () => void = () => undefined;
  private error: QingshengError | undefined;

  constructor() {
    onLanguage(() => this.fill());
  }

  /** closable: false where nothing goes without it. */
  show(thrown: unknown, again: () => void, closable = true): void {
    this.error = toQingshengError(thrown);
    this.again = again;
    this.fill();
    this.close.hidden = !closable;
    this.retry.hidden = closable && FOR_GOOD.test(this.error.code);
    this.panel.hidden = false;
  }

  hide(): void {
    // Who stands on one of its buttons goes on below.
    if (this.panel.contains(document.activeElement)) element("speak", HTMLElement).focus({ preventScroll: true });
    this.panel.hidden = true;
  }

  private fill(): void {
    const { error } = this;
    if (!error) return;
    this.title.textContent = titleOf(error);
    this.remedy.textContent = t(known(`remedy.${error.code}`, "remedy.other"));
    this.code.textContent = error.code;
    this.message.textContent = `${error.message} ${error.remedy}`;
  }
}

function known(key: string, otherwise: TextKey): TextKey {
  return isTextKey(key) ? key : otherwise;
}

/** What happened, in a few words. */
export function titleOf({ code }: QingshengError): string {
  return t(known(`error.${code}`, "error.other"));
}
