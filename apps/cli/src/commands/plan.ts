/**
 * plan.ts: `tgsync plan` tells what the present config.json would download, per chat and kind, before anything is downloaded. What is stored
 * already is counted exactly; of history that was not read yet a part is looked at.
 */
import { chatSelectors, type Environment, type WantedChat, wantedChats } from '@tgsync/shared/config';
import { chatsMeant, chatTitles, type Db, mediaNamed, type Sample, undecidedMedia } from '@tgsync/shared/db';
import { askSamples, type Samples } from '@tgsync/integrity/telegram';
import { untilInterrupted } from '../interruption.js';
import { withArchive } from '../open-archive.js';
import { type Counted, planChat, type PlannedKind } from '../plan/plan-chat.js';
import { planTable } from '../plan/plan-table.js';
import { print, printJson } from '../terminal.js';
import { showCounts } from '../verify/progress.js';

export interface PlanOptions {
  json: boolean;
  /** Do not ask Telegram. */
  offline: boolean;
  /** Seconds. */
  patience: number;
}

export interface PlannedChat {
  id: bigint;
  title: string;
  /** Message ids that were not read yet, as far as they are known. */
  unreadIds: bigint | null;
  kinds: PlannedKind[];
  /** Why its unread history is not in the plan. */
  problem: string | null;
}

/** Exits with 1 if the plan is incomplete. */
export async function planCommand(env: Environment, options: PlanOptions): Promise<number> {
  const interruption = untilInterrupted();
  const { signal } = interruption;
  try {
    return await withArchive(
      env,
      async (db, config) => {
        const { chats: wanted, unresolved } = await chatsMeant(db, wantedChats(config), chatSelectors(config));
        const asking = { env, config, db, signal, patienceMs: options.patience * 1000 };
        const { samples, problem } = options.offline ? offline : await ask(asking, wanted);
        const chats = await planOf(db, wanted, samples, problem ?? 'not looked at');
        const problems = [problem ?? [], unresolved.map((it) => `${it}: ${notResolved}`)].flat();
        if (options.json) printJson({ chats, problems }, 2);
        else print(planTable(chats, problems));
        return problems.length === 0 && chats.every((it) => it.problem === null) ? 0 : 1;
      },
      { migrate: true },
    );
  } finally {
    interruption.end();
  }
}

const notResolved =
  'which chats that means is not known yet; the running fleet finds out when the scheduler was restarted';

const offline: Samples = { samples: new Map(), problem: 'Telegram was not asked (--offline)' };

async function ask(asking: Omit<Parameters<typeof askSamples>[0], 'onProgress'>, wanted: readonly WantedChat[]) {
  const requests = wanted.map(({ id, from, to, since, until }) => ({ chatId: id, from, to, since, until }));
  const text = (done: string, total: string) => `looking at unread messages: ${done} of ${total} chats`;
  return await showCounts(text, async (onProgress) => await askSamples({ ...asking, onProgress }, requests));
}

async function planOf(
  db: Db,
  wanted: readonly WantedChat[],
  samples: ReadonlyMap<bigint, Sample>,
  missing: string,
): Promise<PlannedChat[]> {
  const titles = new Map((await chatTitles(db)).map((it) => [it.id, it.title]));
  const counted: Counted = new Set();
  const chats: PlannedChat[] = [];
  for (const { id, rules } of wanted) {
    const sample = samples.get(id) ?? { problem: missing };
    const unread = 'problem' in sample ? undefined : { ...sample, ids: sample.owedIds };
    for (const key of await savedIn(db, unread?.windows ?? [])) counted.add(key);
    const known = await knownOf(db, id);
    chats.push({
      id,
      title: titles.get(id) ?? '',
      unreadIds: unread?.ids ?? null,
      kinds: planChat(rules, known, unread, counted),
      problem: 'problem' in sample ? sample.problem : null,
    });
  }
  return chats;
}

async function knownOf(db: Db, chatId: bigint) {
  const known = [];
  for (let after: bigint | undefined; ;) {
    const { media, last } = await undecidedMedia(db, chatId, after);
    known.push(...media);
    if (last === null) return known;
    after = last;
  }
}

/** Media of unread messages that are on disk already: another chat has them. */
async function savedIn(db: Db, windows: Extract<Sample, { windows: unknown }>['windows']): Promise<string[]> {
  const refs = windows.flatMap((it) => it.messages).flatMap((it) => it.media);
  if (refs.length === 0) return [];
  return (await mediaNamed(db, refs)).filter((it) => it.state === 'saved').map(({ kind, id }) => `${kind}-${id}`);
}
