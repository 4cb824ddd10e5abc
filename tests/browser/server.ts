/** The real server as a child process that a test can kill and start again at the same address. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { PYTHON, ROOT } from "./places.ts";

export class SiteServer {
  private constructor(
    readonly url: string,
    private readonly isolated: boolean,
    private child: ChildProcess | undefined,
    private readonly options: readonly string[],
  ) {}

  /** options: further ones of the command line. */
  static async start(site: string, isolated: boolean, options: readonly string[] = []): Promise<SiteServer> {
    const { child, url } = await launch(site, isolated, 0, options);
    return new SiteServer(url, isolated, child, options);
  }

  async stop(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child || child.exitCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  async restart(site: string): Promise<void> {
    await this.stop();
    const { child } = await launch(site, this.isolated, Number(new URL(this.url).port), this.options);
    this.child = child;
  }
}

async function launch(
  site: string,
  isolated: boolean,
  port: number,
  further: readonly string[],
): Promise<{ child: ChildProcess; url: string }> {
  const options = ["--port", String(port), "--dist", site, ...(isolated ? [] : ["--no-isolation"]), ...further];
  const child = spawn(PYTHON, ["server.py", ...options], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  return { child, url: await printedAddress(child, child.stdout) };
}

/** A line of its output says it. Whatever comes later is read too, or the server would stall on a full pipe. */
export function printedAddress(child: ChildProcess, output: Readable): Promise<string> {
  let printed = "";
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error(`The server ended before it said its address: ${printed}`)));
    output.on("data", (piece) => {
      printed += piece;
      const url = /(http:\/\/[^\s)]+)[\s)]/.exec(printed)?.[1];
      if (url) resolve(url);
    });
  });
}
