import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { firstWords } from "./web/first-words.ts";
import { serviceWorker } from "./web/service-worker.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Entries that others name: their addresses must not change from one build to the next. */
const STABLE = new Set(["qingsheng", "qingsheng-player", "qingsheng-speech"]);

export default defineConfig({
  root: path("web"),
  // Relative addresses, so that the site works under any path of any static host.
  base: "./",
  publicDir: path("static/public"),
  plugins: [firstWords(), serviceWorker()],
  worker: {
    format: "es",
    rolldownOptions: {
      output: { entryFileNames: "assets/[name]-[hash].js", chunkFileNames: "assets/[name]-[hash].js" },
    },
  },
  build: {
    // scripts/build.py puts the site together from this, the wheels and the voices.
    outDir: path(".cache/build/web"),
    emptyOutDir: true,
    manifest: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    // Nothing inline: the page's content security policy allows its own files only.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        index: path("web/index.html"),
        qingsheng: path("web/src/index.ts"),
        "qingsheng-player": path("web/src/embed/player.ts"),
        "qingsheng-speech": path("web/src/embed/speech.ts"),
        player: path("web/player.html"),
        listening: path("web/listening/index.html"),
        bench: path("web/bench/index.html"),
      },
      // The library entry must keep its exports although no other module uses them.
      preserveEntrySignatures: "strict",
      output: {
        entryFileNames: (chunk) => (STABLE.has(chunk.name) ? "[name].js" : "assets/[name]-[hash].js"),
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  test: {
    root: path("."),
    include: ["web/**/*.test.ts"],
  },
});
