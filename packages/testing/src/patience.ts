/**
 * patience.ts: how long a test waits for something to happen: almost as long as the test itself may run. A busy machine is no reason to
 * fail, and if it never happens, the failure points to the line that waited.
 */
export const patience = { timeout: 240_000, interval: 50 };
