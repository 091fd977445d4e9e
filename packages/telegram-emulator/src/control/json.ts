/**
 * json.ts: the control interface's answers as JSON.
 */
import type { ServerResponse } from 'node:http';

/** Answers with JSON; bigints become strings, bytes base64. */
export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${toJson(value)}\n`);
}

/** Any value of the emulator as JSON. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, it: unknown) => {
    if (typeof it === 'bigint') return String(it);
    if (it instanceof RegExp) return { regexp: it.source };
    return it instanceof Uint8Array ? Buffer.from(it).toString('base64') : it;
  });
