/** The demo changes what it must in its config.json, and nothing else. */
import { expect, test } from 'vitest';
import { withChats, withServer } from './demo-config.js';

const server = { dc: 2, host: '127.0.0.1', port: 4002, public_key: 'KEY' };

test('edits and comments of a person are kept when the ports change', () => {
  const text = `{
  // my own words
  "log": { "level": "debug" }, // louder
  "tg": {
    "api_id": 1,
    "server": { "dc": 2, "host": "127.0.0.1", "port": 4001, /* mine */ "public_key": "KEY" },
    "chats": { "-100123": { "range": [5, 0] }, }, // only this one
  },
}
`;
  expect(withServer(text, server)).toBe(text.replace('4001', '4002'));
  expect(withServer(withServer(text, server), server)).toBe(text.replace('4001', '4002'));
});

test('a new file gets its server and its first chats', () => {
  const text = withChats(withServer('{ "tg": { "api_id": 1, "chats": {} } }', server), ['1', '-2']);
  expect(JSON.parse(text)).toEqual({ tg: { api_id: 1, server, chats: { '1': {}, '-2': {} } } });
});
