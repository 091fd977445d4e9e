/**
 * batch: makes one run of what concurrent callers want at about the same time, such as a transaction or a flush. While a run is under
 * way, further calls wait for the next one, so the busier it gets, the more share a run. Nothing waits for company.
 */

interface Call<T, R> {
  item: T;
  resolve: (answer: R) => void;
  reject: (error: unknown) => void;
}

/** Calls in one run, so that none gets too large. */
const most = 64;

/**
 * Returns a function for single items; `run` does several, in the order of the calls, and returns an answer for each. It must be all or
 * nothing: if it fails for several, each is run by itself, so that nobody gets an error that is another's.
 */
export function batched<T, R>(run: (items: readonly T[]) => Promise<readonly R[]>): (item: T) => Promise<R> {
  let calls: Call<T, R>[] = [];
  let running = false;

  async function runOne({ item, resolve, reject }: Call<T, R>): Promise<void> {
    try {
      resolve((await run([item]))[0]!);
    } catch (error) {
      reject(error);
    }
  }

  async function runAll(batch: readonly Call<T, R>[]): Promise<void> {
    if (batch.length === 1) return await runOne(batch[0]!);
    let answers: readonly R[];
    try {
      answers = await run(batch.map((it) => it.item));
    } catch {
      for (const it of batch) await runOne(it);
      return;
    }
    for (const [index, { resolve }] of batch.entries()) resolve(answers[index]!);
  }

  async function work(): Promise<void> {
    running = true;
    await Promise.resolve(); // whoever calls in this turn of the event loop comes along
    while (calls.length > 0) await runAll(calls.splice(0, most));
    running = false;
  }

  return async (item) =>
    await new Promise<R>((resolve, reject) => {
      calls.push({ item, resolve, reject });
      if (!running) void work();
    });
}
