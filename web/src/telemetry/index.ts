/** Figures of speech for the server, where it asks for them: no text, ever. */
import type { SpeechObserver } from "../client/observer.ts";
import { BUILD_FILE } from "../files/build.ts";
import type { TelemetryEvent } from "./events.ts";
import { openOutbox } from "./outbox.ts";
import { Recorder } from "./recorder.ts";
import { Sender, type Wire } from "./sender.ts";

const HEADER = "Qingsheng-Telemetry";
const OUTBOX = "qingsheng-telemetry";
const LOCK = "qingsheng-telemetry";
/** Of events that come before it is known whether anybody wants them. */
const WAITING = 50;
const MEMORY_MILLISECONDS = 5 * 60_000;

const wire: Wire = {
  fetch: (url, init) => fetch(url, init),
  beacon: (url, body) => navigator.sendBeacon(url, body),
};

/**
 * Observes from now on; give it to `Qingsheng.load`. Whether the server wants reports, and where, it says in a header of
 * `build.json`; offline its last answer holds. Where it does not, nothing is kept and nothing is sent.
 */
export function startTelemetry(baseUrl: string | URL = document.baseURI): SpeechObserver {
  let deliver: ((event: TelemetryEvent) => void) | "nobody" | undefined;
  const waiting: TelemetryEvent[] = [];
  const emit = (event: TelemetryEvent) => {
    if (typeof deliver === "function") deliver(event);
    else if (deliver === undefined && waiting.length < WAITING) waiting.push(event);
  };
  const base = new URL(".", new URL(baseUrl, document.baseURI));
  void connect(base, emit).then((found) => {
    deliver = found ?? "nobody";
    for (const event of waiting.splice(0)) found?.(event);
  });
  return new Recorder(emit);
}

async function connect(base: URL, emit: (event: TelemetryEvent) => void) {
  const address = await wanted(base);
  if (address === undefined) return undefined;
  const sender = new Sender(await openOutbox(`${OUTBOX} ${base.pathname}`), new URL(address, base).href, wire);
  const flush = () => void alone(() => sender.flush()).catch(() => undefined);
  addEventListener("online", flush);
  addEventListener("pagehide", () => sender.hurry());
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && sender.hurry());
  // What a visit before this one could not send.
  flush();
  measureMemory(emit);
  return (event: TelemetryEvent) => void sender.add(event).catch(() => undefined);
}

/** The server's address for reports, relative to the site; undefined where it wants none. */
async function wanted(base: URL): Promise<string | undefined> {
  const key = `${OUTBOX} ${base.pathname}`;
  try {
    const answer = await fetch(new URL(BUILD_FILE, base), { method: "HEAD", cache: "no-store" });
    const address = answer.ok ? answer.headers.get(HEADER) : null;
    onDevice(() => (address === null ? localStorage.removeItem(key) : localStorage.setItem(key, address)));
    return address ?? undefined;
  } catch {
    return onDevice(() => localStorage.getItem(key)) ?? undefined;
  }
}

/** Undefined where the browser refuses the site its storage. */
function onDevice<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** Of several tabs one sends at a time, or an event would be counted twice. */
async function alone(work: () => Promise<void>): Promise<void> {
  if (!navigator.locks) await work();
  else await navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => (lock ? work() : undefined));
}

/** Where the browser tells it, which takes cross-origin isolation. */
function measureMemory(emit: (event: TelemetryEvent) => void): void {
  const measure = (performance as { measureUserAgentSpecificMemory?: () => Promise<{ bytes: number }> })
    .measureUserAgentSpecificMemory;
  if (!measure || !crossOriginIsolated) return;
  const note = () =>
    measure
      .call(performance)
      .then(({ bytes }) => emit({ kind: "memory", bytes }))
      .catch(() => undefined);
  setInterval(note, MEMORY_MILLISECONDS);
}
