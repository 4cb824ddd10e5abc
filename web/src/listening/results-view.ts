/** The results: a chart and, beside it, the same as a table. */
import type { Interval, OpinionResult, PreferenceResult, ScenarioResult } from "./api.ts";
import { drawn, make } from "./elements.ts";
import type { Language, Texts } from "./texts.ts";

const WIDTH = 320;
const ROW = 34;
const LEFT = 8;
const RIGHT = WIDTH - 8;

function span(interval: Interval, digits: number, scale = 1): string {
  return interval ? interval.map((value) => (scale * value).toFixed(digits)).join(" – ") : "–";
}

function figure(value: number | null, digits: number, scale = 1): string {
  return value === null ? "–" : (scale * value).toFixed(digits);
}

function chance(p: number | null): string {
  if (p === null) return "–";
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}

/** Rows of points with their intervals, from `low` to `high`, a dashed line at `middle`. */
function chart(
  title: string,
  rows: readonly { readonly label: string; readonly value: number | null; readonly interval: Interval }[],
  low: number,
  high: number,
  middle?: number,
): SVGElement {
  const height = rows.length * ROW + 18;
  const at = (value: number) => LEFT + ((value - low) / (high - low)) * (RIGHT - LEFT);
  const svg = drawn("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": title, class: "chart" });
  const ends = middle === undefined ? [low, high] : [low, middle, high];
  for (const end of ends) {
    const dashed = end === middle ? { "stroke-dasharray": "4 3" } : {};
    svg.append(drawn("line", { x1: at(end), x2: at(end), y1: 0, y2: height - 14, class: "axis", ...dashed }));
    const anchor = end === low ? "start" : end === high ? "end" : "middle";
    svg.append(drawn("text", { x: at(end), y: height - 2, "text-anchor": anchor, class: "tick" }, String(end)));
  }
  rows.forEach(({ label, value, interval }, index) => {
    const y = index * ROW + 22;
    svg.append(drawn("text", { x: LEFT + 2, y: y - 8, class: "label" }, label));
    if (interval)
      svg.append(drawn("line", { x1: at(interval[0]), x2: at(interval[1]), y1: y, y2: y, class: "interval" }));
    if (value !== null) svg.append(drawn("circle", { cx: at(value), cy: y, r: 4.5, class: "point" }));
  });
  return svg;
}

/** stacked: on a phone each row becomes a block of lines, which carry the heads of their columns. */
function table(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  stacked = false,
): HTMLElement {
  // Laid out as anything but a table, browsers take it for none: the roles say it.
  const cells = rows.map(([first = "", ...rest]) =>
    make(
      "tr",
      { role: "row" },
      make("th", { scope: "row", role: "rowheader" }, first),
      ...rest.map((cell, at) => make("td", { role: "cell", "data-head": heads[at + 1] ?? "" }, cell)),
    ),
  );
  return make(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    make(
      "table",
      { role: "table", class: stacked ? "stacked" : "" },
      make("caption", { class: "sr-only" }, caption),
      make(
        "thead",
        { role: "rowgroup" },
        make("tr", { role: "row" }, ...heads.map((head) => make("th", { scope: "col", role: "columnheader" }, head))),
      ),
      make("tbody", { role: "rowgroup" }, ...cells),
    ),
  );
}

/** The side that a point to the left speaks for, and the one to the right, in chart and table alike. */
function versus({ first, second }: PreferenceResult): string {
  return `${second} ◂ ▸ ${first}`;
}

function preferenceRows(texts: Texts, found: readonly PreferenceResult[]): HTMLElement {
  const rows = found.map((each) => [
    versus(each),
    `${each.second_preferred} / ${each.no_preference} / ${each.first_preferred}`,
    figure(each.share, 0, 100) + (each.share === null ? "" : " %"),
    span(each.interval, 0, 100),
    chance(each.p),
    chance(each.listeners.p),
  ]);
  const heads = [
    texts.system,
    `${texts.number} ◂ / = / ▸`,
    texts.share,
    texts.interval,
    texts.pValue,
    texts.pListeners,
  ];
  return table(texts.preference, heads, rows, true);
}

function opinionRows(texts: Texts, found: readonly OpinionResult[], names: ReadonlyMap<string, string>): HTMLElement {
  const rows = found.map((each) => [
    names.get(each.question) ?? texts.overall,
    each.system,
    figure(each.mean, 2),
    span(each.interval, 2),
    String(each.scores),
  ]);
  return table(texts.opinion, [texts.question, texts.system, texts.mean, texts.interval, texts.number], rows);
}

export function resultsView(found: ScenarioResult, texts: Texts, language: Language): HTMLElement {
  const names = new Map(found.questions.map((question) => [question.id, question[language]]));
  const counts = make("p", { class: "figures" }, texts.counts(found.listeners, found.answers));
  const heading = make("h2", {}, found.name[language]);
  if (found.answers === 0) return make("section", { class: "card" }, heading, make("p", {}, texts.noneYet));
  const shares = found.preferences.map((each) => ({
    label: versus(each),
    value: each.share,
    interval: each.interval,
  }));
  const scores = found.opinions.map(({ question, system, mean, interval }) => ({
    label: `${names.get(question) ?? texts.overall} · ${system}`,
    value: mean,
    interval,
  }));
  return make(
    "section",
    { class: "card result" },
    heading,
    counts,
    make("h3", {}, texts.preference),
    make("p", { class: "hint" }, texts.preferenceNote),
    make(
      "div",
      { class: "beside" },
      chart(texts.preference, shares, 0, 1, 0.5),
      preferenceRows(texts, found.preferences),
    ),
    make("h3", {}, texts.opinion),
    make("p", { class: "hint" }, texts.opinionNote),
    make("div", { class: "beside" }, chart(texts.opinion, scores, 1, 5), opinionRows(texts, found.opinions, names)),
  );
}
