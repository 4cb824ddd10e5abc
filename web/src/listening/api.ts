/** What the page asks the server. */
import type { SpeechOptions } from "../protocol.ts";

export type Side = "left" | "right";
export const SIDES: readonly Side[] = ["left", "right"];
export type Preference = Side | "none";
export type Localised = Readonly<Record<"zh" | "en", string>>;

export interface ScenarioInfo {
  readonly id: string;
  readonly name: Localised;
  readonly task: Localised;
  readonly trials: number;
}

export type Source = { readonly options: SpeechOptions } | { readonly clip: true };

export interface Trial extends Readonly<Record<Side, Source>> {
  readonly item: string;
  readonly text: string;
  readonly done: boolean;
}

export interface Question extends Localised {
  readonly id: string;
}

export interface Session {
  readonly scenario: string;
  readonly trials: readonly Trial[];
  readonly questions: readonly Question[];
}

export interface Answer {
  readonly scenario: string;
  readonly user: string;
  readonly item: string;
  readonly preference: Preference;
  readonly scores: Readonly<Record<string, Readonly<Record<Side, number>>>>;
  readonly seconds: number;
}

export type Interval = readonly [number, number] | null;

export interface PreferenceResult {
  readonly first: string;
  readonly second: string;
  readonly answers: number;
  readonly first_preferred: number;
  readonly second_preferred: number;
  readonly no_preference: number;
  readonly share: number | null;
  readonly interval: Interval;
  readonly p: number | null;
  readonly listeners: { readonly first: number; readonly second: number; readonly p: number | null };
}

export interface OpinionResult {
  readonly system: string;
  readonly question: string;
  readonly scores: number;
  readonly mean: number | null;
  readonly interval: Interval;
}

export interface ScenarioResult {
  readonly id: string;
  readonly name: Localised;
  readonly listeners: number;
  readonly answers: number;
  readonly preferences: readonly PreferenceResult[];
  readonly opinions: readonly OpinionResult[];
  readonly questions: readonly (Question & { readonly weight: number })[];
}

/** status: of the answer, 0 where there was none. */
export class Unanswered extends Error {
  constructor(readonly status: number) {
    super(`The server answered ${status}.`);
  }
}

const ROOT = new URL("..", document.baseURI);
const API = new URL("api/listening", ROOT).href;

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(API + path, { cache: "no-store", ...init });
  } catch {
    throw new Unanswered(0);
  }
  if (!response.ok) throw new Unanswered(response.status);
  return response;
}

function about(values: Readonly<Record<string, string>>): string {
  return `?${new URLSearchParams(values)}`;
}

export async function scenarios(): Promise<readonly ScenarioInfo[]> {
  return (await (await ask("")).json()).scenarios;
}

export async function session(scenario: string, user: string): Promise<Session> {
  return (await ask(`/session${about({ scenario, user })}`)).json();
}

export async function send(answer: Answer): Promise<void> {
  const headers = { "Content-Type": "application/json" };
  await ask("/answers", { method: "POST", headers, body: JSON.stringify(answer) });
}

export async function clip(scenario: string, user: string, item: string, side: Side): Promise<ArrayBuffer> {
  return (await ask(`/clip${about({ scenario, user, item, side })}`)).arrayBuffer();
}

export async function results(token: string): Promise<readonly ScenarioResult[]> {
  return (await (await ask("/results", { headers: { Authorization: `Bearer ${token}` } })).json()).scenarios;
}

export async function table(token: string): Promise<Blob> {
  return (await ask("/results.csv", { headers: { Authorization: `Bearer ${token}` } })).blob();
}

export { ROOT };
