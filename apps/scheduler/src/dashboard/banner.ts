/**
 * banner.ts: what is added to Bull Board's page, and what is cut out of it: a bar that says what keeps the fleet from its work
 * comes in, fonts of other hosts go, and so do buttons for what board.ts does not do. Titles of chats may be in what it says, so it is shown as text, never as HTML.
 */
import type { Context, MiddlewareHandler } from 'hono';

export const scriptPath = '/banner.js';
export const troublesPath = '/troubles';

/** By their icons, as words depend on the language: add a job, copy, edit, delay or reorder one, its children; concurrency, rate limit, obliterate. */
const missing = {
  job: ['files', 'pencil', 'clock', 'arrow-up-down', 'list-x'],
  menu: ['plus', 'chart-no-axes-gantt', 'gauge', 'ban'],
};
const having = (icons: readonly string[]) => `:has(${icons.map((it) => `.lucide-${it}`).join(', ')})`;
const withoutMissing = `ul[class*=jobActions] > li${having(missing.job)}, [role=menuitem]${having(missing.menu)} { display: none }`;

/** Runs in the browser. Bull Board's bars are fixed to the window's edges: they make room. */
export const script = `
(() => {
  if (window.tgsyncBanner) return;
  window.tgsyncBanner = true;
  const bar = document.createElement('div');
  bar.id = 'troubles';
  bar.setAttribute('role', 'alert');
  Object.assign(bar.style, {
    position: 'fixed', top: '0', left: '0', right: '0', zIndex: '100', boxSizing: 'border-box', padding: '0.6rem 1rem',
    maxHeight: '30vh', overflow: 'auto', background: '#8f1d1d', color: '#fff', font: '0.9rem/1.4 sans-serif', whiteSpace: 'pre-line',
  });
  const room = new CSSStyleSheet();
  const without = new CSSStyleSheet();
  without.replaceSync(${JSON.stringify(withoutMissing)});
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, room, without];

  function show(troubles) {
    const text = troubles.join('\\n');
    if (bar.textContent === text && bar.isConnected === troubles.length > 0) return;
    bar.textContent = text;
    if (troubles.length > 0) document.body.prepend(bar);
    else bar.remove();
    const height = bar.isConnected ? Math.ceil(bar.getBoundingClientRect().height) : 0;
    room.replaceSync('#root > header, #root > aside, #root > main { margin-top: ' + height + 'px }');
  }

  async function look() {
    try {
      const response = await fetch('${troublesPath}', { headers: { accept: 'application/json' } });
      if (response.ok) show((await response.json()).troubles);
      else if (response.status >= 500) show(['tgsync cannot report its state (' + response.status + ').']);
    } catch {
      show(['The scheduler is not responding.']);
    }
    setTimeout(look, 3000);
  }
  look();
})();
`;

/** Bull Board's page asks Google for fonts; it looks well without them, and nobody learns who reads it. */
export function adapted(page: string): string {
  return page
    .replace(/<link[^>]*(googleapis|gstatic)\.com[^>]*>/g, '')
    .replace('</body>', `<script defer src="${scriptPath}"></script></body>`);
}

export const adaptPage: MiddlewareHandler = async (context: Context, next) => {
  await next();
  if (!context.res.headers.get('content-type')?.startsWith('text/html')) return;
  const page = adapted(await context.res.text());
  context.res = new Response(page, { status: context.res.status, headers: context.res.headers });
};
