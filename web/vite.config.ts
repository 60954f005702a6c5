import { readFileSync, readdirSync } from "node:fs";
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

/** Prints the weight of the script, and fails the build when it passes the limit. */
function weighScript(): Plugin {
  return {
    name: "sekisho-weigh-script",
    apply: "build",
    closeBundle() {
      const folder = join(__dirname, "dist", "assets");
      let total = 0;
      for (const name of readdirSync(folder).filter((file) => file.endsWith(".js"))) {
        total += gzipSync(readFileSync(join(folder, name))).length;
      }
      console.log(`script of the page, gzip: ${total} bytes (limit ${SCRIPT_LIMIT_BYTES})`);
      if (total > SCRIPT_LIMIT_BYTES) throw new Error("the script of the page is over its limit");
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
