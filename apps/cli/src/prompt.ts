/**
 * prompt.ts: asks the person questions. On a terminal one at a time, with passwords hidden; answers can also be piped in, one per line,
 * in order.
 */
import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { PersonError } from '@tgsync/shared/errors';
import { printAside } from './terminal.js';

export class Prompt {
  private readonly lines: AsyncIterator<string>;
  private readonly reader: Interface;
  private muted = false;

  constructor() {
    const output = new Writable({
      write: (chunk, _encoding, done) => {
        if (!this.muted) process.stderr.write(chunk as Buffer);
        done();
      },
    });
    this.reader = createInterface({ input: process.stdin, output, terminal: process.stdin.isTTY });
    this.reader.on('SIGINT', interrupt);
    this.lines = this.reader[Symbol.asyncIterator]();
  }

  async ask(question: string, { secret = false } = {}): Promise<string> {
    printAside(question, ' ');
    this.muted = secret;
    const { value, done } = await this.lines.next();
    this.muted = false;
    if (secret || !process.stdin.isTTY) printAside('');
    if (done) throw new PersonError('Standard input ended before all questions were answered.');
    return secret ? value : value.trim(); // a password may end with a space
  }

  say(text: string): void {
    printAside(text);
  }

  close(): void {
    this.reader.close();
  }
}

/** A terminal in raw mode sends no signal on Ctrl-C, so it is raised here for callers that have to clean up. */
function interrupt(): void {
  if (process.listenerCount('SIGINT') > 0) process.kill(process.pid, 'SIGINT');
  else process.exit(130);
}
