/** A line between a browser and a server that a test can make slow, or cut, without the server's knowledge. */
import { createServer, connect as dial, type Socket } from "node:net";
import { LocalPort } from "./local-port.ts";

export class Line {
  /** Of all connections together. */
  bytesPerSecond = Number.POSITIVE_INFINITY;
  /** Bytes that came from the server so far. */
  carried = 0;
  private readonly open = new Set<Socket>();

  private constructor(
    private readonly target: URL,
    private readonly port: LocalPort,
  ) {}

  /** target: the server's address. */
  static async start(target: string): Promise<Line> {
    const listener = createServer();
    const line = new Line(new URL(target), await LocalPort.open(listener));
    listener.on("connection", (near) => line.join(near));
    return line;
  }

  get url(): string {
    return `${this.port.origin}/`;
  }

  /** Every connection breaks; new ones may be made. */
  cut(): void {
    for (const socket of this.open) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await this.port.close();
  }

  private join(near: Socket): void {
    const far = dial(Number(this.target.port), this.target.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.open.add(one);
      one.on("error", () => undefined);
      one.on("close", () => {
        this.open.delete(one);
        other.destroy();
      });
    }
    near.on("data", (bytes) => far.write(bytes));
    far.on("data", (bytes) => {
      near.write(bytes);
      this.carried += bytes.length;
      this.hold(far, bytes.length);
    });
  }

  private hold(far: Socket, bytes: number): void {
    const connections = this.open.size / 2;
    const seconds = (bytes * connections) / this.bytesPerSecond;
    if (seconds === 0) return;
    far.pause();
    setTimeout(() => far.resume(), seconds * 1000);
  }
}
