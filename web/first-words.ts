/** For Vite: the document with English words beside its Chinese ones, and the small script in its head that chooses. */
import type { Plugin } from "vite";
import { classicScript } from "./classic-script.ts";
import { en } from "./src/page/texts/en.ts";

const SCRIPT = "src/page/early.ts";
const DOCUMENT = "/index.html";

type Words = Readonly<Record<string, string>>;

/** What the page's code says from the same table stays as it is: attributes, and texts with values in them. */
export function withWords(html: string, words: Words): string {
  return html.replace(/ data-(?:text|first)="([^"]+)"/g, (named, key: string) => {
    const text = words[key];
    if (text === undefined) throw new Error(`index.html names the text ${key}, which does not exist.`);
    return text.includes("{") ? named : `${named} data-en="${escaped(text)}"`;
  });
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}

export function firstWords(): Plugin {
  let root = "";
  return {
    name: "first-words",
    apply: "build",
    configResolved: (config) => {
      root = config.root;
    },
    async buildStart() {
      this.emitFile({
        type: "asset",
        name: "early.js",
        originalFileName: SCRIPT,
        source: await classicScript(`${root}/${SCRIPT}`),
      });
    },
    transformIndexHtml: {
      order: "post",
      handler(html, { path, bundle }) {
        if (path !== DOCUMENT) return html;
        const file = Object.values(bundle ?? {}).find(
          (one) => one.type === "asset" && one.originalFileNames.includes(SCRIPT),
        );
        if (!file) throw new Error("The script of the document's head is not in the build.");
        // Before the style sheet, for which a script after it would wait.
        const tag = { tag: "script", attrs: { src: `./${file.fileName}` }, injectTo: "head-prepend" } as const;
        return { html: withWords(html, en), tags: [tag] };
      },
    },
  };
}
