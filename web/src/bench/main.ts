/** The page `/bench/`: measures on a visitor's device and offers the result as a file. */
import { toQingshengError } from "../errors.ts";
import { type Measured, measureDevice } from "./measure.ts";
import type { Spread } from "./statistics.ts";

const find = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const start = find<HTMLButtonElement>("start");
const save = find<HTMLButtonElement>("save");
const status = find<HTMLElement>("status");
const table = find<HTMLTableElement>("result");
let measured: Measured | undefined;

const milliseconds = (seconds: number) => `${Math.round(seconds * 1000)} ms`;
const range = ({ least, most }: Spread, form: (value: number) => string) => `${form(least)} – ${form(most)}`;

function rows({ bootSeconds, engine, firstChunk, realTime, memoryBytes }: Measured): string[][] {
  const factor = (value: number) => value.toFixed(3);
  const told = [
    ["启动 · Start", `${bootSeconds.toFixed(2)} s`, ""],
    ["首个声音 · First sound", milliseconds(firstChunk.median), range(firstChunk, milliseconds)],
    ["实时率 · Real-time factor", factor(realTime.median), range(realTime, factor)],
    ["线程 · Threads", String(engine.threads), ""],
  ];
  if (memoryBytes !== undefined) told.push(["内存 · Memory", `${(memoryBytes / 1e6).toFixed(1)} MB`, ""]);
  return told;
}

function show(result: Measured): void {
  const lines = rows(result).map((cells) => {
    const line = document.createElement("tr");
    for (const cell of cells) line.insertCell().textContent = cell;
    return line;
  });
  table.tBodies[0]?.replaceChildren(...lines);
  table.hidden = false;
}

async function run(): Promise<void> {
  start.disabled = true;
  save.disabled = true;
  try {
    measured = await measureDevice((text) => {
      status.textContent = text;
    });
    show(measured);
    status.textContent = "完成 · Done";
    save.disabled = false;
  } catch (error) {
    const { code, message } = toQingshengError(error);
    status.textContent = `${code}: ${message}`;
  } finally {
    start.disabled = false;
  }
}

function saveResult(): void {
  if (!measured) return;
  const url = URL.createObjectURL(new Blob([JSON.stringify(measured, null, 1)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `qingsheng-bench-${measured.date.slice(0, 10)}.json`;
  link.click();
  // The download has its own hold on the blob once it has begun.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

start.addEventListener("click", () => void run());
save.addEventListener("click", saveResult);
