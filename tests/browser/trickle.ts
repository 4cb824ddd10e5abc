/** A server that hands on what another one has, its document line by line: what is drawn in between can be looked at. */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { LocalPort } from "./local-port.ts";

/** About one line for each frame that is drawn. */
const LINE_MS = 15;

export class Trickle {
  private constructor(
    private readonly target: URL,
    private readonly server: Server,
    private readonly port: LocalPort,
  ) {}

  /** target: the other server's address. */
  static async start(target: string): Promise<Trickle> {
    const server = createServer();
    const trickle = new Trickle(new URL(target), server, await LocalPort.open(server));
    server.on("request", (asked, answer) => trickle.handOn(asked, answer));
    return trickle;
  }

  get url(): string {
    return `${this.port.origin}/`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await this.port.close();
  }

  private handOn(asked: IncomingMessage, answer: ServerResponse): void {
    const document = asked.url === "/";
    const headers = { ...asked.headers, host: this.target.host, ...(document && { "accept-encoding": "identity" }) };
    const onward = request(new URL(asked.url ?? "/", this.target), { headers }, async (had) => {
      answer.writeHead(had.statusCode ?? 502, had.headers);
      if (!document) return void had.pipe(answer);
      for (const line of (await whole(had)).split(/(?<=\n)/)) {
        answer.write(line);
        await pause(LINE_MS);
      }
      answer.end();
    });
    onward.on("error", () => answer.destroy());
    onward.end();
  }
}

async function whole(message: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString("utf8");
}
