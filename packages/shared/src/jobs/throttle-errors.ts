/** throttle-errors.ts: an unreachable queue fails without a pause: passes on the first error, then one a minute. */

const silentMs = 60_000;

export function throttleErrors(report: (error: Error) => void): (error: Error) => void {
  let reportedAt = -Infinity;
  return (error) => {
    if (performance.now() - reportedAt < silentMs) return;
    reportedAt = performance.now();
    report(error);
  };
}
