/** progress.ts: how many requests to Telegram are done. */
export type OnProgress = (done: number, total: number) => void;
