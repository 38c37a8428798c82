/** The pages of signing in and of passwords: one shell, a form each. */

import type { Plugin } from "vite";

const PAGE = /[\\/](?:forgot|login|password)\.html$/;
const TITLE = /^<!-- title: (.+) -->\n/;

/** Put what stands in each of these pages, under its title, into the shell. */
export function accountPages(): Plugin {
  return {
    name: "account-pages",
    transformIndexHtml: {
      order: "pre",
      handler(html, { filename }) {
        if (!PAGE.test(filename)) return html;
        const title = TITLE.exec(html)?.[1];
        if (!title) throw new Error(`${filename} must begin with <!-- title: … -->`);
        return shell(title, html.replace(TITLE, ""));
      },
    },
  };
}

const shell = (title: string, form: string) => `<!doctype html>
<html lang="en" data-root="__root__">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${title} · Coverslip</title>
    <link rel="icon" type="image/svg+xml" href="./src/ui/icon.svg" />
    <script type="module" src="./src/account/login.ts"></script>
  </head>
  <body>
    <div class="tissue" aria-hidden="true">
      <p class="caption">
        <span class="scale"><i></i>50 µm</span>
        <span class="power">20×</span>
        <span class="origin">drawn, not scanned</span>
      </p>
    </div>
    <main>
      <p class="logo">
        <svg class="logo-sign" viewBox="0 0 24 24" aria-hidden="true">
          <path
            d="M3.1 7h17.8q1.6 0 1.6 1.6v6.8q0 1.6-1.6 1.6H3.1q-1.6 0-1.6-1.6V8.6Q1.5 7 3.1 7zM5.6 7v10"
          />
          <rect class="logo-glass" x="10" y="4.5" width="9.5" height="15" rx="1" />
        </svg>
        Coverslip
      </p>
${form}
      <p class="note">For research use.</p>
    </main>
  </body>
</html>
`;
