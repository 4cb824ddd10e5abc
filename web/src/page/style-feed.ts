/**
 * The server's word of changes among its styles, as long as the page is looked at: browsers have six connections for all tabs of a
 * site (HTTP/1.1), and a server that is gone is not asked every few seconds.
 */

const KINDS = ["style-added", "style-changed", "style-removed"] as const;
const RETRY_MS = 3000;
const LONGEST_RETRY_MS = 300_000;

export type StyleEvent = (typeof KINDS)[number];

export class StyleFeed {
  private source: EventSource | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private wait = RETRY_MS;

  /** state: of the list that is known. onEvent: what changed, as JSON. */
  constructor(
    private readonly url: string,
    private state: string | undefined,
    private readonly onEvent: (kind: StyleEvent, data: string) => void,
  ) {
    document.addEventListener("visibilitychange", () => this.look());
    this.look();
  }

  private look(): void {
    this.close();
    if (document.visibilityState === "visible") this.open();
  }

  private open(): void {
    const since = this.state === undefined ? "" : `?since=${encodeURIComponent(this.state)}`;
    const source = new EventSource(this.url + since);
    this.source = source;
    source.addEventListener("open", () => {
      this.wait = RETRY_MS;
    });
    source.addEventListener("error", () => this.tryLater());
    for (const kind of KINDS) {
      source.addEventListener(kind, ({ data, lastEventId }) => {
        this.state = lastEventId || this.state;
        this.onEvent(kind, data);
      });
    }
  }

  private tryLater(): void {
    this.close();
    this.timer = setTimeout(() => this.open(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_RETRY_MS);
  }

  private close(): void {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = undefined;
  }
}
