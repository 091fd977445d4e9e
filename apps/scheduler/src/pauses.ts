/** pauses.ts: a queue that a person has paused stays so over restarts, and may be forgotten: it is told until it goes on. */
import type { Queues } from '@tgsync/shared/jobs';

const lookMs = 3000;

/** `onChange` gets the sentence now and then; undefined: no queue is paused. */
export function watchPauses(queues: Pick<Queues, 'paused'>, onChange: (words: string | undefined) => void): () => void {
  const look = async () => {
    const names = await queues.paused();
    const which = names.length === 1 ? `The queue ${names[0]} is` : `The queues ${names.join(', ')} are`;
    onChange(names.length === 0 ? undefined : `${which} paused by a person: "Resume" in the dashboard lets it go on.`);
  };
  const timer = setInterval(() => void look().catch(() => {}), lookMs); // the queue is away: others tell
  void look().catch(() => {});
  return () => clearInterval(timer);
}
