/** A server of a test's own, on a port of this machine that was free. */
import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";

export class LocalPort {
  private constructor(private readonly server: Server) {}

  /** Of `node:net`, or one that speaks HTTP. */
  static async open(server: Server): Promise<LocalPort> {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new LocalPort(server);
  }

  /** As browsers name it. */
  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The connections that are open have to end by themselves. */
  async close(): Promise<void> {
    this.server.close();
    await once(this.server, "close");
  }
}
