/**
 * banner.ts: changes to Bull Board's page. It adds a bar that shows what keeps the fleet from working, and removes fonts from other hosts
 * and buttons for routes that board.ts does not serve. The bar may contain chat titles, so it is set as text, never as HTML.
 */
import type { Context, MiddlewareHandler } from 'hono';

export const scriptPath = '/banner.js';
export const troublesPath = '/troubles';

/**
 * Found by their icons, as labels depend on the language: add, copy, edit, delay or reorder a job, its children; concurrency, rate limit,
 * obliterate.
 */
const missing = {
  job: ['files', 'pencil', 'clock', 'arrow-up-down', 'list-x'],
  menu: ['plus', 'chart-no-axes-gantt', 'gauge', 'ban'],
};
const having = (icons: readonly string[]) => `:has(${icons.map((it) => `.lucide-${it}`).join(', ')})`;
const withoutMissing = `ul[class*=jobActions] > li${having(missing.job)}, [role=menuitem]${having(missing.menu)} { display: none }`;

/** Runs in the browser. Bull Board's bars are fixed to the window's edges, so they are moved down. */
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

/** Bull Board's page loads fonts from Google; it looks fine without them, and nobody learns who reads it. */
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
