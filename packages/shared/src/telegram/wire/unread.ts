/** unread.ts: answers with an unreadable part, for callers that can use the rest. */
import type { Api } from './gramjs.js';
import { type LenientReader, Unread } from './lenient-reader.js';

/** An answer of Telegram that this version cannot read. Asking for less shows which item is to blame. */
export class UnreadError extends Error {
  override name = 'UnreadError';
  constructor(
    readonly unread: Unread,
    method: string,
  ) {
    super(`the answer to ${method} has ${whatIs(unread)}`);
  }
}

/** Describes for a person what could not be read. */
export function whatIs({ constructorId }: { constructorId: string | undefined }): string {
  return constructorId ? `something this version cannot read (constructor 0x${constructorId})` : 'something damaged';
}

const unreadParts = new WeakMap<object, Unread>();

/** What could not be read of an answer; undefined if it is complete. */
export function unreadIn(answer: unknown): Unread | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  return answer instanceof Unread ? answer : unreadParts.get(answer);
}

/** Makes the request record what could not be read of its answer: GramJS lets each request read its own. */
export function watchAnswer(request: Api.AnyRequest): void {
  const own = request as unknown as { readResult(reader: LenientReader): unknown };
  const definition = Object.getPrototypeOf(own) as typeof own;
  own.readResult = (reader) => {
    const answer = definition.readResult.call(own, reader);
    if (reader.unread && typeof answer === 'object' && answer !== null) unreadParts.set(answer, reader.unread);
    return answer;
  };
}
