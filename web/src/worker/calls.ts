/** Requests that have one answer: names on the wire, functions of the bridge, and how values cross. */
import { QingshengError } from "../errors.ts";
import type { CallName } from "../protocol.ts";

/** A name that a page may call, and the function of `bridge.py` that answers with JSON or with nothing. */
export const CALLS = {
  explain: "explain",
  setWord: "set_word",
  words: "words",
  infer: "infer",
  loadStyle: "load_style",
  removeStyle: "remove_style",
  styles: "styles",
} as const satisfies Record<CallName, string>;

export type CalledFunction = (typeof CALLS)[CallName];

/** The function of a name that came over the wire. Throws `option.invalid`, naming those that exist. */
export function calledFunction(name: string): CalledFunction {
  if (Object.hasOwn(CALLS, name)) return CALLS[name as CallName];
  throw new QingshengError(
    "option.invalid",
    `The engine has no request ${JSON.stringify(name)}, expected one of ${Object.keys(CALLS).join(", ")}.`,
    "Load page and worker from one build.",
    { got: name, expected: Object.keys(CALLS) },
  );
}

/** As Python takes it: strings, numbers and bytes as they are, whatever else is plain data as JSON. */
export function toPython(value: unknown): unknown {
  const plain = typeof value !== "object" || value === null || value instanceof Uint8Array;
  return plain ? value : JSON.stringify(value);
}

export function fromPython(answer: unknown): unknown {
  return typeof answer === "string" ? JSON.parse(answer) : undefined;
}
