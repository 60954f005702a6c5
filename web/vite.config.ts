import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { defineConfig } from "vitest/config";
import type { Plugin } from "vite";

/** What the chat page may load in script, gzip. */
const SCRIPT_LIMIT_BYTES = 120 * 1024;

/** The font package lists woff beside woff2; every browser that we support reads woff2. */
function woff2Only(): Plugin {
  return {
    name: "sekisho-woff2-only",
    enforce: "pre",
    transform(code, id) {
      if (!id.includes("@fontsource") || !/\.css/.test(id)) return null;
      return code.replace(/,\s*url\([^)]*\.woff\)\s*format\('woff'\)/g, "");
    },
  };
}

/** Prints the weight of what the chat page loads, and fails the build when it passes the limit. Pages that come later are apart. */
function weighScript(): Plugin {
  return {
    name: "sekisho-weigh-script",
    apply: "build",
    writeBundle(_, bundle) {
      const wanted = new Set<string>();
      const add = (name: string): void => {
        const chunk = bundle[name];
        if (chunk?.type !== "chunk" || wanted.has(name)) return;
        wanted.add(name);
        chunk.imports.forEach(add);
      };
      for (const chunk of Object.values(bundle)) if (chunk.type === "chunk" && chunk.isEntry) add(chunk.fileName);
      const weigh = (names: Iterable<string>): number => [...names].reduce((sum, name) => sum + gzipSync(readFileSync(join(__dirname, "dist", name))).length, 0);
      const total = weigh(wanted);
      const later = weigh(Object.keys(bundle).filter((name) => name.endsWith(".js") && !wanted.has(name)));
      console.log(`script of the chat page, gzip: ${total} bytes (limit ${SCRIPT_LIMIT_BYTES}); of other pages: ${later}`);
      if (total > SCRIPT_LIMIT_BYTES) this.error("the script of the chat page is over its limit");
    },
  };
}

export default defineConfig({
  plugins: [woff2Only(), weighScript()],
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
  },
  server: { proxy: { "/api": process.env.SEKISHO_URL ?? "http://127.0.0.1:8091" } },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"] },
});
