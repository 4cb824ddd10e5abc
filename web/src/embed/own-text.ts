/** The text between an element's tags, as a browser would lay it out: lines of the source are no lines of the text. */

const BLOCKS = new Set(
  "ADDRESS ARTICLE ASIDE BLOCKQUOTE BR DD DIV DL DT FIGURE FOOTER H1 H2 H3 H4 H5 H6 HEADER HR LI MAIN NAV OL P PRE SECTION TABLE TR UL".split(
    " ",
  ),
);
/** What is not text, or says how text is read. */
const SKIPPED = new Set("NOSCRIPT RP RT SCRIPT STYLE TEMPLATE".split(" "));
/** Characters between which a line of the source ends without a blank (CSS Text 3, section 4.1.3). */
const WIDE = "[\\p{Script=Han}\\u3000-\\u303f\\uff00-\\uff65“”‘’…—]";
const BROKEN = new RegExp(`(?<=${WIDE})[ \\t\\r]*\\n\\s*(?=${WIDE})`, "gu");
/** Stands for the end of a line while blanks are put together. */
const LINE = "\u2028";

export function ownText(element: Element): string {
  const text = collected(element)
    .replace(BROKEN, "")
    .replace(/[ \t\r\n]+/g, " ");
  return text.replace(/ ?\u2028[ \u2028]*/g, "\n").trim();
}

function collected(element: Element): string {
  let text = "";
  for (const node of element.childNodes) {
    if (node instanceof Text) text += node.data;
    else if (node instanceof Element && !SKIPPED.has(node.tagName)) {
      const line = BLOCKS.has(node.tagName) ? LINE : "";
      text += line + collected(node) + line;
    }
  }
  return text;
}
