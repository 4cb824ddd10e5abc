/** Of the tabs of this site one speaks at a time: the one that begins is heard, and those that speak meanwhile pause. */
const NAME = `qingsheng-voice ${new URL(".", document.baseURI).href}`;

export class OneVoice {
  private readonly channel = new BroadcastChannel(NAME);
  private speaking = false;

  constructor(onOther: () => void) {
    this.channel.addEventListener("message", () => this.speaking && onOther());
  }

  /** Whether this tab speaks, or is about to. */
  set(speaking: boolean): void {
    if (speaking && !this.speaking) this.channel.postMessage("begins");
    this.speaking = speaking;
  }
}
