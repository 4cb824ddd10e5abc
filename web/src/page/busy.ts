/**
 * Whether any tab of this site is speaking: a Web Lock that those which speak hold together, so that a new version can wait until all
 * are silent. Where a browser has no such locks, only this tab counts.
 */
const NAME = `qingsheng-speaking ${new URL(".", document.baseURI).href}`;

export class Busy {
  private release: (() => void) | undefined;
  private waiting: (() => void)[] = [];

  get here(): boolean {
    return this.release !== undefined;
  }

  set(speaking: boolean): void {
    if (speaking === this.here) return;
    if (speaking) this.begin();
    else this.end();
  }

  /** Once this tab is silent. */
  hush(): Promise<void> {
    return this.here ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve();
  }

  /** Does the work when all tabs are silent, and keeps others from taking their turn until it settles. */
  async whenSilent(work: () => Promise<void>): Promise<void> {
    if (navigator.locks) await navigator.locks.request(NAME, work);
    else await this.hush().then(work);
  }

  private begin(): void {
    const over = new Promise<void>((resolve) => {
      this.release = resolve;
    });
    // Refused where all storage is: then no other tab shares anything with this one either.
    navigator.locks?.request(NAME, { mode: "shared" }, () => over).catch(() => undefined);
  }

  private end(): void {
    this.release?.();
    this.release = undefined;
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
