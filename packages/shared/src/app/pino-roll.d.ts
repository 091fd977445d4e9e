/** pino-roll.d.ts: the part of pino-roll that we use; the package has no types. */
declare module 'pino-roll' {
  import type { EventEmitter } from 'node:events';
  import type { DestinationStream } from 'pino';

  interface LogStream extends DestinationStream, EventEmitter {
    on(event: 'error', listener: (error: Error) => void): this;
    on(event: 'write', listener: (bytes: number) => void): this;
  }

  interface Options {
    file: string;
    extension: string;
    frequency: 'daily' | 'hourly' | number;
    size: string;
    limit: { count: number };
    mode: number;
    maxLength: number;
  }
  export default function build(options: Options): Promise<LogStream>;
}
