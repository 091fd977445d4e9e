/** Every log message of the product is a constant text. Made-up sources show what the check finds. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { sourcesOf } from './walls/folders.js';
import { changingMessagesOf } from './walls/log-messages.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Tools for tests and benches print for whoever runs them. */
const product = /^(apps\/[^/]+|packages\/(shared|web|integrity))\/src\//;

test('log messages are constants', () => {
  const sources = sourcesOf(root).filter((path) => product.test(path) || /^apps\/[^/]+\/src\//.test(path));
  const checked = sources.filter((path) => !path.endsWith('.test.ts'));
  expect(checked.length).toBeGreaterThan(200);
  const found = checked.flatMap((path) =>
    changingMessagesOf(readFileSync(root + path, 'utf8')).map((it) => `${path}: ${it}`),
  );
  expect(found).toEqual([]);
});

test.each([
  ['an interpolated message', 'log.info(`chat ${id} read`);'],
  ['the same after fields', 'this.log.warn({ id }, `chat ${id} read`);'],
  ['a concatenation', "log.error({ id }, 'chat ' + id);"],
  ['a variable', 'deps.log.debug({ id }, text);'],
  ["an error's message", 'jobLog.fatal({ error }, error.message);'],
  ['a choice with one of them', 'log.info(isNew ? `chat ${id}` : "chat");'],
  ['fields without a message', 'logger.info({ id });'],
])('%s is found', (_, source) => {
  expect(changingMessagesOf(source)).toHaveLength(1);
});

test.each([
  ['a literal', "log.info('chat read');"],
  ['a literal after fields', "this.deps.log.warn({ id }, 'chat read');"],
  ['a literal after fields in a variable', "log.info(media, 'file saved');"],
  ['a literal over two lines', "log.info('chat ' + 'read');"],
  ['a choice of literals', "log.info(isNew ? 'chat added' : 'chat read');"],
  ['a constant of the file', "const unread = 'message unreadable'; log.warn({ id }, unread);"],
  ['what is not a logger', 'console.error(`chat ${id}`); dialog.info(`chat ${id}`, 1);'],
])('%s is not', (_, source) => {
  expect(changingMessagesOf(source)).toEqual([]);
});
