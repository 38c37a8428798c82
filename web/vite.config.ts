import { defineConfig } from "vitest/config";
import { accountPages } from "./accountpages";

export default defineConfig({
  plugins: [accountPages()],
  build: {
    // What `light-dark()` and `popover` need: browsers of spring 2024 and later.
    target: ["chrome123", "edge123", "firefox125", "safari17.5"],
    // The pages' policy forbids data: scripts and the server caches files by their hash.
    assetsInlineLimit: 0,
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        edit: "edit.html",
        forgot: "forgot.html",
        home: "home.html",
        login: "login.html",
        password: "password.html",
        site: "site.html",
        study: "study.html",
        viewer: "viewer.html",
      },
      output: {
        codeSplitting: {
          groups: [
            { name: "openseadragon", test: /node_modules[\\/]openseadragon/ },
            { name: "preact", test: /node_modules[\\/]@?preact/ },
          ],
        },
      },
    },
  },
  test: { include: ["src/**/*.test.ts"], setupFiles: "src/testing.ts" },
  experimental: {
    // The server fills __root__ with the path prefix under which a proxy shows it.
    renderBuiltUrl: (filename, { hostType }) =>
      hostType === "html" ? `__root__/${filename}` : { relative: true },
  },
});
