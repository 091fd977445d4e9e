/**
 * resolve.ts: which chats do the usernames, folders and "*" of tg.chats mean now? For whoever holds the account. One that cannot be resolved
 * holds up no other.
 */
import { RetryAfterError } from '../errors/index.js';
import { selectorRows } from '../db/index.js';
import type { Context, Deps } from './deps.js';
import { DialogList } from './dialog-list.js';
import { resolveEverything, resolveFolders } from './resolve-lists.js';
import { resolveNames } from './resolve-names.js';

/** The function resolves all selectors; who calls it meanwhile gets the same run. Throws RetryAfterError on a flood wait or an outage. */
export function resolver(deps: Deps): (context: Context) => Promise<void> {
  const list = new DialogList(deps);
  let running: Promise<void> | undefined;
  return (context) => (running ??= resolveAll(deps, list, context).finally(() => (running = undefined)));
}

async function resolveAll(deps: Deps, list: DialogList, context: Context): Promise<void> {
  let walk: ReturnType<DialogList['complete']> | undefined;
  const work = { ...deps, dialogs: () => (walk ??= list.complete(context.signal)) };
  const selectors = await selectorRows(deps.db);
  const of = (kind: string) => selectors.filter((it) => it.kind === kind);
  const failures = [
    await failureOf(() => resolveNames(deps, of('name'), context)),
    await failureOf(() => resolveFolders(work, of('folder'), context)),
  ];
  for (const everything of of('all')) {
    const names = (await selectorRows(deps.db)).filter((it) => everything.exclude.includes(it.text));
    // A name that Telegram was not asked for yet may be a chat that is not wanted.
    if (names.some((it) => it.chatIds.length === 0 && it.problem === null)) continue;
    failures.push(await failureOf(() => resolveEverything(work, everything, names, context)));
  }
  const errors = failures.filter((it) => it !== undefined);
  if (errors.length > 0) throw errors.find((it) => !(it instanceof RetryAfterError)) ?? errors[0];
}

async function failureOf(work: () => Promise<void>): Promise<Error | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
