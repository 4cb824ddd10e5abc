/** A site of another origin, whose pages embed the engine. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface ForeignFile {
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export class ForeignSite {
  private readonly files = new Map<string, ForeignFile>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<ForeignSite> {
    const server = createServer();
    const site = new ForeignSite(server);
    server.on("request", (request, response) => {
      const file = site.files.get(request.url ?? "");
      response.writeHead(file ? 200 : 404, { "content-type": file?.type ?? "text/plain", ...file?.headers });
      response.end(file?.body);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return site;
  }

  /** As browsers name it. */
  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  put(path: string, file: ForeignFile): void {
    this.files.set(path, file);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}
