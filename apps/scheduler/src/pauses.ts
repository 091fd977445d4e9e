/** pauses.ts: a queue that a person paused stays paused across restarts and is easily forgotten, so it is reported until it is resumed. */
import type { Queues } from '@tgsync/shared/jobs';

const pollMs = 3000;

/** Polls, and calls `onChange` with a sentence about the paused queues, or `undefined` if there are none. Returns a function that stops it. */
export function watchPauses(queues: Pick<Queues, 'paused'>, onChange: (words: string | undefined) => void): () => void {
  const poll = async () => {
    const names = await queues.paused();
    const which = names.length === 1 ? `The queue ${names[0]} is` : `The queues ${names.join(', ')} are`;
    onChange(names.length === 0 ? undefined : `${which} paused: press "Resume" in the dashboard to continue.`);
  };
  const timer = setInterval(() => void poll().catch(() => {}), pollMs); // the queue is down: reported elsewhere
  void poll().catch(() => {});
  return () => clearInterval(timer);
}
