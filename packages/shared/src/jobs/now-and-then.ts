/** now-and-then.ts: a queue that is away fails without a pause: a word of it now and then is enough, and fills no disk. */

const silentMs = 5000;

export function nowAndThen(tell: (error: Error) => void): (error: Error) => void {
  let toldAt = -Infinity;
  return (error) => {
    if (performance.now() - toldAt < silentMs) return;
    toldAt = performance.now();
    tell(error);
  };
}
