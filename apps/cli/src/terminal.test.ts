/** Text from strangers reaches a terminal as plain text, whichever way it is printed. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { print, printAside, printJson } from './terminal.js';

function written(stream: NodeJS.WriteStream, act: () => void): string {
  const write = vi.spyOn(stream, 'write').mockReturnValue(true);
  try {
    act();
    return write.mock.calls.map(([chunk]) => String(chunk)).join('');
  } finally {
    write.mockRestore();
  }
}

const title = 'cats\u001B]0;owned\u0007\u009B2J\u202Etxt.exe';

test('lines lose control characters; JSON escapes them', () => {
  expect(written(process.stdout, () => print(`a\n${title}`))).toBe('a\ncats]0;owned2Jtxt.exe\n');
  expect(written(process.stderr, () => printAside(title, ' '))).toBe('cats]0;owned2Jtxt.exe ');
  const json = written(process.stdout, () => printJson({ title, id: 2n ** 60n }));
  expect(json).toMatch(/^[\x20-\x7E]+\n$/);
  expect(JSON.parse(json)).toEqual({ title, id: '1152921504606846976' });
});

test('nothing is written around these functions', () => {
  const folder = fileURLToPath(new URL('../src', import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((it) => /(?<!\.test)\.ts$/.test(it));
  const past = files.filter((it) => /std(out|err)\.write|console\./.test(readFileSync(join(folder, it), 'utf8')));
  // What is typed, and the line that is written over.
  expect(past.sort()).toEqual(['prompt.ts', 'start/screen.ts', 'terminal.ts', 'verify/progress.ts']);
});

test('a reader that is slow gets everything before the process ends', async () => {
  const terminal = new URL('../dist/terminal.js', import.meta.url).href;
  const script = `const { outputTaken, print } = await import('${terminal}');
    print('x'.repeat(4_000_000)); await outputTaken(); process.exit();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let length = 0;
  for await (const chunk of child.stdout) length += (chunk as Buffer).length;
  expect(length).toBe(4_000_001);
});
