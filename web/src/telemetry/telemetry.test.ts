import { describe, expect, it } from "vitest";
import { watched } from "../client/observer.ts";
import { cancelled, QingshengError } from "../errors.ts";
import type { Chunk } from "../protocol.ts";
import { report, shortVoice, type TelemetryEvent } from "./events.ts";
import { MemoryOutbox } from "./outbox.ts";
import { Recorder } from "./recorder.ts";
import { Sender } from "./sender.ts";
import { newTrace } from "./trace.ts";

const MEMORY: TelemetryEvent = { kind: "memory", bytes: 1 };

function chunk(seconds: number): Chunk {
  return { samples: new Float32Array(16_000 * seconds), sampleRate: 16_000, synthesisSeconds: 0.1 } as Chunk;
}

function recorded() {
  const events: TelemetryEvent[] = [];
  let now = 0;
  const recorder = new Recorder(
    (event) => events.push(event),
    () => now,
  );
  return { events, recorder, sleep: (seconds: number) => (now += seconds) };
}

async function* chunks(sleep: (seconds: number) => void, failure?: Error): AsyncGenerator<Chunk, void, undefined> {
  sleep(0.2);
  yield chunk(1);
  sleep(0.3);
  if (failure) throw failure;
  yield chunk(2);
}

describe("a stream", () => {
  it("is counted when it ends", async () => {
    const { events, recorder, sleep } = recorded();
    let waits = 3;
    const watch = recorder.stream(
      () => "li/anna",
      () => waits,
    );
    for await (const _ of watched(chunks(sleep), watch)) waits += 1;
    expect(events).toEqual([
      {
        kind: "stream",
        voice: "li/anna",
        outcome: "finished",
        seconds: 0.5,
        first_chunk_seconds: 0.2,
        audio_seconds: 3,
        work_seconds: 0.2,
        chunks: 2,
        underruns: 2,
        trace: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
      },
    ]);
  });

  it("that is left is stopped, that fails has its code, that is cancelled no error", async () => {
    for (const [failure, outcome, codes] of [
      [undefined, "stopped", []],
      [new QingshengError("runtime.failed", "the secret text"), "failed", ["runtime.failed"]],
      [cancelled(), "stopped", []],
    ] as const) {
      const { events, recorder, sleep } = recorded();
      const stream = watched(
        chunks(sleep, failure),
        recorder.stream(
          () => undefined,
          () => 0,
        ),
      );
      try {
        for await (const _ of stream) if (!failure) break;
      } catch (error) {
        expect(error).toBe(failure);
      }
      expect(events[0]).toMatchObject({ kind: "stream", outcome, chunks: 1 });
      expect(events.slice(1).map((event) => event.kind === "error" && event.code)).toEqual(codes);
      expect(report(events)).not.toContain("secret");
    }
  });
});

describe("a boot", () => {
  it("has its stages and what came from the device", () => {
    const { events, recorder } = recorded();
    recorder.progress({ kind: "bytes", loaded: 100, total: 100, kept: 40 });
    recorder.progress({ kind: "ready", seconds: 3, stageSeconds: { runtime: 2, voice: 1 } });
    expect(events).toMatchObject([
      { kind: "boot", seconds: 3, stages: { runtime: 2, voice: 1 }, bytes: 100, kept_bytes: 40 },
    ]);
  });
});

class Server {
  readonly reports: { events: TelemetryEvent[]; headers: Record<string, string> }[] = [];
  readonly beacons: Blob[] = [];

  constructor(public status: number | "unreachable" = 204) {}

  async fetch(_url: string, init: RequestInit) {
    if (this.status === "unreachable") throw new TypeError("no network");
    const headers = init.headers as Record<string, string>;
    this.reports.push({ events: JSON.parse(String(init.body)).events, headers });
    return { status: this.status };
  }

  beacon(_url: string, body: Blob) {
    this.beacons.push(body);
    return true;
  }
}

describe("the sender", () => {
  it("sends batches that the server takes, with the trace of the last click", async () => {
    const [outbox, server] = [new MemoryOutbox(), new Server()];
    const sender = new Sender(outbox, "api/telemetry", server);
    const trace = newTrace();
    const boot: TelemetryEvent = { kind: "boot", seconds: 1, stages: {}, bytes: 1, kept_bytes: 0, trace };
    await sender.add(boot);
    for (let at = 0; at < 149; at++) await sender.add(MEMORY);
    await sender.flush();
    expect(server.reports.map(({ events }) => events.length)).toEqual([100, 50]);
    expect(server.reports[0]?.headers.traceparent).toBe(trace);
    expect(await outbox.peek(1)).toEqual([]);
  });

  it("keeps what did not get through, and sends it later", async () => {
    const [outbox, server] = [new MemoryOutbox(), new Server("unreachable")];
    const sender = new Sender(outbox, "api/telemetry", server);
    await sender.add(MEMORY);
    for (const status of ["unreachable", 429, 503] as const) {
      server.status = status;
      await sender.flush();
      expect(await outbox.peek(5)).toHaveLength(1);
    }
    server.status = 204;
    await new Sender(outbox, "api/telemetry", server).flush();
    expect(await outbox.peek(5)).toEqual([]);
  });

  it("gives up what is refused, and all where nothing is wanted any more", async () => {
    for (const status of [400, 413, 404]) {
      const [outbox, server] = [new MemoryOutbox(), new Server(status)];
      const sender = new Sender(outbox, "api/telemetry", server);
      await sender.add(MEMORY);
      await sender.flush();
      expect(await outbox.peek(5)).toEqual([]);
    }
  });

  it("hands over what is fresh when the page goes, once", async () => {
    const [outbox, server] = [new MemoryOutbox(), new Server()];
    const sender = new Sender(outbox, "api/telemetry", server);
    await sender.add(MEMORY);
    sender.hurry();
    sender.hurry();
    expect(server.beacons).toHaveLength(1);
    expect(server.beacons[0]?.type).toBe("application/json");
    expect(await outbox.peek(5)).toEqual([]);
  });
});

describe("bounds", () => {
  it("the oldest events go first", async () => {
    const outbox = new MemoryOutbox(3);
    for (let bytes = 0; bytes < 5; bytes++) await outbox.add({ kind: "memory", bytes });
    expect((await outbox.peek(9)).map(({ event }) => event)).toMatchObject([{ bytes: 2 }, { bytes: 3 }, { bytes: 4 }]);
  });

  it("a voice's name is as long as the server takes", () => {
    expect(shortVoice("x".repeat(100))).toHaveLength(64);
    expect(shortVoice(undefined)).toBe("");
  });
});
