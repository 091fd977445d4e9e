/** now-and-then.ts: throttles errors, as an unreachable queue fails without a pause: it passes on the first error, then one a minute. */

const silentMs = 60_000;

export function nowAndThen(tell: (error: Error) => void): (error: Error) => void {
  let toldAt = -Infinity;
  return (error) => {
    if (performance.now() - toldAt < silentMs) return;
    toldAt = performance.now();
    tell(error);
  };
}
