import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { AudioOutput, type PlayerEvents } from "./output.ts";

class Context extends EventTarget {
  static made: Context[] = [];
  readonly sampleRate: number;
  readonly audioWorklet = { addModule: async () => undefined };
  readonly destination = {};
  state = "running";

  constructor({ sampleRate }: { sampleRate: number }) {
    super();
    this.sampleRate = sampleRate;
    Context.made.push(this);
  }
  async resume() {
    this.state = "running";
  }
  async suspend() {
    this.state = "suspended";
  }
  async close() {
    this.state = "closed";
  }
}

class WorkletNode {
  static made: WorkletNode[] = [];
  readonly sent: { type: string; samples?: Float32Array }[] = [];
  readonly port = {
    onmessage: (_event: unknown) => undefined as unknown,
    postMessage: (message: { type: string }) => this.sent.push(message),
  };
  constructor() {
    WorkletNode.made.push(this);
  }
  connect() {}
  disconnect() {}
  /** Its end was heard. */
  finish() {
    this.port.onmessage({ data: { type: "done", played: 0, underruns: 0 } });
  }
}

const events: PlayerEvents = { onPosition: vi.fn(), onDone: vi.fn(), onInterrupted: vi.fn(), onBegun: vi.fn() };
const page = new EventTarget();

beforeEach(() => {
  vi.useFakeTimers();
  Context.made = [];
  WorkletNode.made = [];
  vi.stubGlobal("AudioContext", Context);
  vi.stubGlobal("AudioWorkletNode", WorkletNode);
  vi.stubGlobal(
    "GainNode",
    class {
      connect() {}
    },
  );
  vi.stubGlobal("document", page);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("a player beside another leaves it its context, and takes its rate", async () => {
  const output = new AudioOutput();
  await output.player(24_000, events);
  const second = await output.player(16_000, events);
  expect(Context.made.map(({ state, sampleRate }) => [state, sampleRate])).toEqual([["running", 24_000]]);
  second.push({ samples: new Float32Array(1600), sampleRate: 16_000 });
  expect(WorkletNode.made[1]?.sent[0]?.samples?.length).toBe(2400);
  for (const node of WorkletNode.made) node.finish();
  await output.player(16_000, events);
  expect(Context.made.map(({ state, sampleRate }) => [state, sampleRate])).toEqual([
    ["closed", 24_000],
    ["running", 16_000],
  ]);
});

it("lets the device go when nothing has played for a while, not in a speech, and takes it again", async () => {
  const output = new AudioOutput();
  const player = await output.player(24_000, events);
  player.resume();
  const state = () => Context.made[0]?.state;
  vi.advanceTimersByTime(120_000);
  expect(state()).toBe("running");
  player.pause();
  vi.advanceTimersByTime(20_000);
  expect(state()).toBe("running");
  vi.advanceTimersByTime(20_000);
  expect(state()).toBe("suspended");
  player.resume();
  expect(state()).toBe("running");
  vi.advanceTimersByTime(120_000);
  expect(state()).toBe("running");
  WorkletNode.made[0]?.finish();
  vi.advanceTimersByTime(40_000);
  expect(state()).toBe("suspended");
  output.unlock();
  expect(state()).toBe("running");
});

it("takes gestures as long as it is told to", () => {
  const output = new AudioOutput();
  const enough = output.takeGestures();
  expect(Context.made.length).toBe(0);
  page.dispatchEvent(new Event("keydown"));
  expect(Context.made.length).toBe(1);
  enough();
  const other = new AudioOutput();
  other.takeGestures()();
  page.dispatchEvent(new Event("click"));
  expect(Context.made.length).toBe(1);
});

it("counts the gesture in which it is asked", () => {
  vi.stubGlobal("navigator", { userActivation: { isActive: true } });
  new AudioOutput().takeGestures()();
  expect(Context.made.length).toBe(1);
});

it("goes on by itself where the device was slow, not where a gesture was lacking", async () => {
  for (const [hasBeenActive, after, begins] of [
    [true, 3000, 1],
    [true, 20_000, 0],
    [false, 3000, 0],
  ] as const) {
    vi.stubGlobal("navigator", { userActivation: { hasBeenActive } });
    const heard = { ...events, onInterrupted: vi.fn(), onBegun: vi.fn() };
    const player = await new AudioOutput().player(24_000, heard);
    const context = Context.made.at(-1) as Context;
    context.state = "suspended";
    context.resume = async () => undefined;
    heard.onInterrupted.mockImplementation(() => player.pause());
    player.resume();
    vi.advanceTimersByTime(1600);
    expect(heard.onInterrupted).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(after);
    context.state = "running";
    context.dispatchEvent(new Event("statechange"));
    expect(heard.onBegun).toHaveBeenCalledTimes(begins);
  }
});

const GECKO = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0";
const BLINK = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36";
it.each([
  [BLINK, 0.75, 1],
  [GECKO, 0.964, 0],
])(
  "takes off what is still on its way to the ear, unasked where that can stop the page: %s",
  async (agent, heard, asked) => {
    const latency = vi.fn(() => 0.25);
    class Timed extends Context {
      get outputLatency() {
        return latency();
      }
    }
    vi.stubGlobal("AudioContext", Timed);
    vi.stubGlobal("navigator", { userAgent: agent });
    const onPosition = vi.fn();
    await new AudioOutput().player(24_000, { ...events, onPosition });
    WorkletNode.made[0]?.port.onmessage({ data: { type: "position", played: 24_000, underruns: 0 } });
    expect(onPosition).toHaveBeenCalledWith(heard, 0);
    expect(latency).toHaveBeenCalledTimes(asked);
  },
);
