/** A site of another origin, whose pages embed the engine. */
import { createServer, type Server } from "node:http";
import { LocalPort } from "./local-port.ts";

export interface ForeignFile {
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export class ForeignSite {
  private readonly files = new Map<string, ForeignFile>();

  private constructor(
    private readonly server: Server,
    private readonly port: LocalPort,
  ) {}

  static async start(): Promise<ForeignSite> {
    const server = createServer();
    const site = new ForeignSite(server, await LocalPort.open(server));
    server.on("request", (request, response) => {
      const file = site.files.get(request.url ?? "");
      response.writeHead(file ? 200 : 404, { "content-type": file?.type ?? "text/plain", ...file?.headers });
      response.end(file?.body);
    });
    return site;
  }

  /** As browsers name it. */
  get origin(): string {
    return this.port.origin;
  }

  put(path: string, file: ForeignFile): void {
    this.files.set(path, file);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await this.port.close();
  }
}
