/** pino-roll.d.ts: the part of pino-roll that we use; the package has no types. */
declare module 'pino-roll' {
  import type { DestinationStream } from 'pino';

  interface Options {
    file: string;
    extension: string;
    frequency: 'daily' | 'hourly' | number;
    size: string;
    limit: { count: number };
    mkdir: boolean;
  }
  export default function build(options: Options): Promise<DestinationStream>;
}
