/** For Vite: the service worker as a classic script, since not every browser takes a module for one. */
import type { Plugin } from "vite";
import { classicScript } from "./classic-script.ts";

const SOURCE = "src/sw.ts";

export function serviceWorker(): Plugin {
  let root = "";
  return {
    name: "service-worker",
    apply: "build",
    configResolved: (config) => {
      root = config.root;
    },
    async buildStart() {
      // The one address that others name: it stays from one build to the next.
      this.emitFile({ type: "asset", fileName: "sw.js", source: await classicScript(`${root}/${SOURCE}`) });
    },
  };
}
