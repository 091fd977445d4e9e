/**
 * patience.ts: how long a test waits for what must come: as long as it may run itself, nearly. A busy machine is no failure, and what never
 * comes is told by the line that waited for it.
 */
export const patience = { timeout: 240_000, interval: 50 };
