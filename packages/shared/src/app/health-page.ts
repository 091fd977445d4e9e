/** health-page.ts: the page for people who open an app that has no page of its own, or whose page is down: says what is wrong. Pure. */
import type { HealthReport } from './health.js';

export function healthPage({ ready, problems }: HealthReport): string {
  const lines = Object.entries(problems).map(([name, reason]) => `<p>${escaped(`${name}: ${reason}`)}</p>`);
  const first = ready ? 'This part of tgsync is working. It has no page of its own.' : 'tgsync cannot work right now.';
  return `<!doctype html><html lang="en"><head><meta charset="utf-8" /><title>tgsync</title></head>
<body style="font: 1rem/1.5 sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem">
<h1>tgsync</h1><p>${first}</p>${lines.join('\n')}</body></html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (it) => `&#${it.charCodeAt(0)};`);
}
