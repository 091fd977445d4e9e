/** pages.ts: our own few pages: a title and lines of text, as HTML for browsers and as text for everything else. */
import type { Context } from 'hono';
import { html, raw } from 'hono/html';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** `target`: a local path to which the page redirects. */
export function page(
  context: Context,
  status: ContentfulStatusCode,
  lines: readonly string[],
  { target }: { target?: string } = {},
): Response | Promise<Response> {
  context.header('cache-control', 'no-store');
  if (!context.req.header('accept')?.includes('text/html')) return context.text(`${lines.join('\n')}\n`, status);
  const style = 'font: 1rem/1.5 sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem';
  const goOn = target === undefined ? '' : html`<p><a href="${target}">Open the dashboard</a></p>`;
  const refresh = target === undefined ? '' : html`<meta http-equiv="refresh" content="0;url=${target}" />`;
  const text = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>tgsync</title>
        ${refresh}
      </head>
      <body style="${raw(style)}">
        ${lines.map((it) => html`<p>${it}</p>`)} ${goOn}
      </body>
    </html>`;
  return context.html(text, status);
}
