/** An EPUB book: its spine in order, titles from its table of contents (EPUB 3.3 navigation, or EPUB 2's NCX). */
import { type Book, BookError, type Chapter } from "./book.ts";
import { ZipFile } from "./zip.ts";

const CONTAINER = "META-INF/container.xml";
const MOST_CHAPTERS = 3000;
/** Elements after which a new line begins. */
const BLOCKS = new Set(
  "P DIV H1 H2 H3 H4 H5 H6 LI BLOCKQUOTE SECTION ARTICLE TR DT DD FIGCAPTION HR BR PRE TABLE ASIDE HEADER".split(" "),
);
/** Not spoken: what is no text, and readings over characters. */
const SILENT = new Set("SCRIPT STYLE RT RP HEAD SVG MATH NAV AUDIO VIDEO".split(" "));

interface Item {
  readonly path: string;
  readonly type: string;
  readonly properties: string;
}

/** number: how a chapter without a title is called. Throws BookError. */
export async function epubBook(file: Blob, name: string, number: (at: number) => string): Promise<Book> {
  const zip = await ZipFile.open(file);
  const packagePath = parsed(await zip.text(CONTAINER))
    .querySelector("rootfile")
    ?.getAttribute("full-path");
  if (!packagePath) throw new BookError("broken", `${CONTAINER} names no package.`);
  const document = parsed(await zip.text(packagePath));
  const items = manifest(document, packagePath);
  const titles = await contents(zip, document, items);
  const spine = [...document.querySelectorAll("spine > itemref")]
    .filter((one) => one.getAttribute("linear") !== "no")
    .flatMap((one) => items.get(one.getAttribute("idref") ?? "") ?? [])
    .filter(({ type }) => /html/.test(type))
    .slice(0, MOST_CHAPTERS);
  if (spine.length === 0) throw new BookError("empty", "The book's spine has no pages.");
  const chapters = spine.map(
    ({ path }, at): Chapter => ({
      title: titles.get(path) ?? number(at + 1),
      text: async () => pageText(await zip.text(path)),
    }),
  );
  const title = document.getElementsByTagNameNS("*", "title")[0]?.textContent?.trim();
  return { title: title || name, chapters };
}

function parsed(source: string): Document {
  return new DOMParser().parseFromString(source, "application/xml");
}

function manifest(document: Document, packagePath: string): Map<string, Item> {
  const items = [...document.querySelectorAll("manifest > item")].map((item): [string, Item] => [
    item.getAttribute("id") ?? "",
    {
      path: resolved(packagePath, item.getAttribute("href") ?? ""),
      type: item.getAttribute("media-type") ?? "",
      properties: item.getAttribute("properties") ?? "",
    },
  ]);
  return new Map(items);
}

async function contents(
  zip: ZipFile,
  document: Document,
  items: ReadonlyMap<string, Item>,
): Promise<Map<string, string>> {
  const nav = [...items.values()].find(({ properties }) => properties.split(/\s+/).includes("nav"));
  const ncx = items.get(document.querySelector("spine")?.getAttribute("toc") ?? "");
  const titles = new Map<string, string>();
  const add = (base: string, href: string | null | undefined, title: string | null | undefined) => {
    const path = resolved(base, href ?? "");
    const shown = title?.replace(/\s+/g, " ").trim();
    // The first that points into a page names it.
    if (shown && !titles.has(path)) titles.set(path, shown);
  };
  try {
    if (nav) {
      const page = new DOMParser().parseFromString(await zip.text(nav.path), "text/html");
      for (const link of page.querySelectorAll("nav a[href]"))
        add(nav.path, link.getAttribute("href"), link.textContent);
    } else if (ncx) {
      for (const point of parsed(await zip.text(ncx.path)).getElementsByTagName("navPoint")) {
        const source = point.getElementsByTagName("content")[0]?.getAttribute("src");
        add(ncx.path, source, point.getElementsByTagName("text")[0]?.textContent);
      }
    }
  } catch {
    // A book without a usable table of contents has numbered chapters.
  }
  return titles;
}

/** A path of the archive, from one in it; without the place inside the page. */
export function resolved(base: string, href: string): string {
  const path = new URL(href, `zip://book/${base}`).pathname.replace(/^\/+/, "");
  try {
    return decodeURIComponent(path);
  } catch {
    // A file whose name has a percent sign in it.
    return path;
  }
}

/** As the XHTML that it should be, where `<title/>` has an end; as HTML where it is not well-formed. */
function pageBody(source: string): Element | null {
  const strict = new DOMParser().parseFromString(source, "application/xhtml+xml");
  const sound = strict.body && !strict.querySelector("parsererror");
  return sound ? strict.body : new DOMParser().parseFromString(source, "text/html").body;
}

/** Nothing of the page is loaded or run: it is parsed into a document that is never shown. */
export function pageText(source: string): string {
  const body = pageBody(source);
  const lines: string[] = [""];
  const walk = (node: Node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      lines[lines.length - 1] += (node.textContent ?? "").replace(/\s+/g, " ");
      return;
    }
    if (!(node instanceof Element) || SILENT.has(node.tagName.toUpperCase())) return;
    const block = BLOCKS.has(node.tagName.toUpperCase());
    if (block && lines.at(-1)) lines.push("");
    for (const child of node.childNodes) walk(child);
    if (block && lines.at(-1)) lines.push("");
  };
  if (body) walk(body);
  return lines
    .map((line) => line.trim())
    .filter(Boolean)
    .join("\n");
}
