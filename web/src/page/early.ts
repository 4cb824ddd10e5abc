/**
 * A classic script in the head, which runs before anything is drawn: the visitor's appearance, and the words of the document in
 * the visitor's language while they come in, so that nothing is drawn in another one first and moves when it changes. The
 * English words stand beside the Chinese ones in attributes (`first-words.ts`).
 */
import { TAGS, visitorLanguage, visitorTheme } from "./visitor.ts";

function say(node: Node): void {
  const item = node instanceof Text ? node.parentElement : node;
  const words = item instanceof HTMLElement ? item.dataset.en : undefined;
  if (item && words && item.textContent !== words) item.textContent = words;
}

function sayAll(node: Node): void {
  say(node);
  if (node instanceof Element) for (const item of node.querySelectorAll("[data-en]")) say(item);
}

const root = document.documentElement;
const language = visitorLanguage();
root.dataset.theme = visitorTheme();
root.lang = TAGS[language];
if (language === "en") {
  const sayComing = (records: MutationRecord[]) => {
    // An element may be there before its words are, and these may come in two pieces, the second of which is joined to the first.
    for (const { target, addedNodes } of records) {
      say(target);
      for (const node of addedNodes) sayAll(node);
    }
  };
  const coming = new MutationObserver(sayComing);
  coming.observe(root, { childList: true, characterData: true, subtree: true });
  // All is there, though what came last may not have been told; the page's own scripts, which say what they like, run only now.
  const end = () => {
    sayComing(coming.takeRecords());
    coming.disconnect();
  };
  document.addEventListener("readystatechange", end, { once: true });
}
