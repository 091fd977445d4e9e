/** demo-config.ts: what the demo changes in a config.json that a person may have edited; everything else stays, comments included. Pure. */
import { applyEdits, modify, parse } from 'jsonc-parser';

export interface DemoServer {
  dc: number;
  host: string;
  port: number;
  public_key: string;
}

/** The demo's Telegram may listen on other ports at each start. */
export function withServer(text: string, server: DemoServer): string {
  const { tg } = (parse(text, [], { allowTrailingComma: true }) ?? {}) as { tg?: { server?: Partial<DemoServer> } };
  const keys = ['dc', 'host', 'port', 'public_key'] as const;
  return keys
    .filter((key) => tg?.server?.[key] !== server[key])
    .reduce((edited, key) => set(edited, ['tg', 'server', key], server[key]), text);
}

export function withChats(text: string, ids: readonly string[]): string {
  return set(text, ['tg', 'chats'], Object.fromEntries(ids.map((id) => [id, {}])));
}

function set(text: string, path: string[], value: unknown): string {
  return applyEdits(text, modify(text, path, value, { formattingOptions: { insertSpaces: true, tabSize: 2 } }));
}
