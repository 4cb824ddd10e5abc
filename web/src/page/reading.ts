/** The text being spoken, its current word marked, and notices about it. */
import type { Notice, Span } from "../protocol.ts";
import { create, element } from "./dom.ts";

const NOTICE_TEXTS: Readonly<Record<string, string>> = {
  "text.unknown_character": "不认识的字符，已跳过",
  "option.unsupported": "这个声音不支持所要求的调节",
  "voice.phone_unmapped": "这个声音发不出的音节，已跳过",
};

export class ReadingPanel {
  private readonly panel = element("reading", HTMLElement);
  private readonly title = element("reading-title", HTMLElement);
  private readonly paragraph = element("reading-text", HTMLElement);
  private readonly list = element("notices", HTMLElement);
  private readonly before = document.createTextNode("");
  private readonly mark = document.createElement("mark");
  private readonly after = document.createTextNode("");
  private text = "";
  private seen = new Set<string>();

  constructor() {
    this.paragraph.append(this.before, this.mark, this.after);
  }

  begin(text: string): void {
    this.text = text;
    this.seen = new Set();
    this.list.replaceChildren();
    this.panel.hidden = false;
    this.title.textContent = "正在朗读";
    this.show(undefined);
  }

  end(title: string): void {
    this.title.textContent = title;
    this.show(undefined);
  }

  /** Nothing was spoken. */
  hide(): void {
    this.panel.hidden = true;
  }

  show(word: Span | undefined): void {
    const { start, stop } = word ?? { start: this.text.length, stop: this.text.length };
    this.before.data = this.text.slice(0, start);
    this.mark.textContent = this.text.slice(start, stop);
    this.after.data = this.text.slice(stop);
    if (word) this.follow();
  }

  notice(notice: Notice): void {
    const message = NOTICE_TEXTS[notice.code] ?? notice.message;
    const line = notice.text ? `${message}：${notice.text}` : message;
    if (this.seen.has(line)) return;
    this.seen.add(line);
    this.list.append(create("li", line));
  }

  /** Long texts scroll inside their box; the page itself stays where the reader put it. */
  private follow(): void {
    const top = this.mark.offsetTop - this.paragraph.offsetTop;
    const { scrollTop, clientHeight } = this.paragraph;
    if (top < scrollTop || top > scrollTop + clientHeight * 0.7) {
      this.paragraph.scrollTop = Math.max(0, top - clientHeight * 0.3);
    }
  }
}
