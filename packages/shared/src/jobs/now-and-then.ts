/** now-and-then.ts: a queue that is away fails without a pause: one word when it begins, and one a minute, is enough. */

const silentMs = 60_000;

export function nowAndThen(tell: (error: Error) => void): (error: Error) => void {
  let toldAt = -Infinity;
  return (error) => {
    if (performance.now() - toldAt < silentMs) return;
    toldAt = performance.now();
    tell(error);
  };
}
