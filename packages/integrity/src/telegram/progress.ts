/** progress.ts: how much of what Telegram was asked for is done. */
export type OnProgress = (done: number, total: number) => void;
