/** terminal.ts: everything a command prints goes through here, so that text from strangers stays plain text. */
import { asCalled, escapedJson, printableText } from '@tgsync/shared/app';

export function print(text: string): void {
  process.stdout.write(`${asCalled(printableText(text))}\n`);
}

/** On stderr, away from output that a program may read: questions, progress, errors. */
export function printAside(text: string, end = '\n'): void {
  process.stderr.write(`${asCalled(printableText(text))}${end}`);
}

/** For programs; ids keep all their digits. */
export function printJson(value: unknown, indent?: number): void {
  process.stdout.write(`${asCalled(escapedJson(JSON.stringify(value, exact, indent)))}\n`);
}

function exact(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

/** Our own drawing, which needs control characters. */
export function draw(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Resolves when whoever reads our output has taken all of it, or is gone: ending the process before loses what a full pipe did not take. */
export async function outputTaken(): Promise<void> {
  for (const stream of [process.stdout, process.stderr])
    await new Promise<void>((resolve) => stream.write('', () => resolve()));
}
