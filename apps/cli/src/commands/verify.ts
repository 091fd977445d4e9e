/**
 * verify.ts: `tgsync verify` checks the archive. It prints a table and examples, or each finding as a line of JSON, and exits with 1 if
 * anything is wrong or owed. An interrupted --deep run remembers what it has read.
 */
import type { Environment } from '@tgsync/shared/config';
import {
  asRecord,
  beginChecks,
  checkMessages,
  type Finding,
  type CheckCounts,
  archiveOf,
  verifyFiles,
} from '@tgsync/integrity';
import { askTelegram, proveAll } from '@tgsync/integrity/telegram';
import prettyBytes from 'pretty-bytes';
import { withArchive } from '../open-archive.js';
import { untilInterrupted } from '../interruption.js';
import { showChecks, showCounts } from '../verify/progress.js';
import { parseRate } from '../verify/rate.js';
import { Report } from '../verify/report.js';
import { print, printJson } from '../terminal.js';

export interface VerifyOptions {
  deep: boolean;
  fresh: boolean;
  /** Checks every file against Telegram's hashes. */
  server: boolean;
  rate?: string | undefined;
  json: boolean;
  /** Do not ask Telegram. */
  offline: boolean;
  /** Seconds. */
  patience: number;
  examples: number;
}

export async function verifyCommand(env: Environment, options: VerifyOptions): Promise<number> {
  const rate = options.rate === undefined ? Infinity : parseRate(options.rate);
  const report = new Report(options.examples);
  return await withArchive(env, async (db, config) => {
    const interruption = untilInterrupted();
    const { signal } = interruption;
    const archive = await archiveOf(db, config, env, signal);
    const checks = await beginChecks(archive, { ...options, rate });
    const { deep, checked } = checks;
    const record = (finding: Finding) => {
      report.add(finding);
      if (options.json) printJson(asRecord(finding));
    };
    const progress = showChecks(checks);
    try {
      const asking = { env, config, db, signal, patienceMs: options.patience * 1000 };
      const notAsked = options.offline ? undefined : await ask(asking);
      if (notAsked) record({ kind: 'telegram-not-asked', detail: notAsked });
      const unproven = options.server ? await prove({ ...asking, fresh: options.fresh }) : undefined;
      if (unproven) record({ kind: 'files-not-compared', detail: unproven });
      for await (const finding of checkMessages(archive, checked)) record(finding);
      for await (const finding of verifyFiles(archive, checks)) record(finding);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      progress.stop();
      interruption.end();
    }
    const summary = {
      summary: signal.aborted ? 'interrupted' : verdict(report, checked),
      wrong: report.of('wrong'),
      owed: report.of('owed'),
      notes: report.of('note'),
      counts: report.countsAsRecord(),
      offline: options.offline,
      chats: checked.chats,
      files: checked.files,
      deleted: checked.deleted,
      bytes: checked.bytes,
      links: checked.links,
      read: deep.read,
    };
    if (options.json) printJson(summary);
    else print([report.asText(), '', lastWord(summary, deep.began !== undefined)].join('\n').trim());
    if (signal.aborted) return 130;
    return report.isWhole ? 0 : 1;
  });
}

async function ask(asking: Omit<Parameters<typeof askTelegram>[0], 'onProgress'>): Promise<string | undefined> {
  const text = (done: string, total: string) => `asking Telegram: ${done} of ${total} chats`;
  return await showCounts(text, async (onProgress) => await askTelegram({ ...asking, onProgress }));
}

async function prove(proving: Omit<Parameters<typeof proveAll>[0], 'onProgress'>): Promise<string | undefined> {
  const text = (done: string, total: string) => `${done} of ${total} files compared`;
  return await showCounts(text, async (onProgress) => await proveAll({ ...proving, onProgress }));
}

/** An empty archive does not count as whole. */
function verdict(report: Report, { chats, files, deleted }: CheckCounts): string {
  if (!report.isWhole) return 'incomplete';
  return chats === 0 && files === 0 && deleted === 0 ? 'empty' : 'whole';
}

interface Summary {
  summary: string;
  offline: boolean;
  chats: number;
  files: number;
  deleted: number;
  bytes: bigint;
  links: number;
  read: { files: number; bytes: number };
}

function lastWord({ summary, offline, chats, files, deleted, bytes, links, read }: Summary, deep: boolean): string {
  const checked = `${chats.toLocaleString('en')} chats${offline ? ' (as last seen: --offline)' : ''}, ${files.toLocaleString('en')} files (${prettyBytes(bytes)}) and ${links.toLocaleString('en')} links were checked${deleted > 0 ? `, ${deleted.toLocaleString('en')} files were deleted by you` : ''}`;
  const bytewise = deep
    ? `${read.files.toLocaleString('en')} files (${prettyBytes(read.bytes)}) were read`
    : 'file contents were not read (--deep)';
  if (summary === 'empty')
    return 'The archive is empty: tg.chats in config.json has no chat, or the scheduler has not run yet.';
  if (summary === 'interrupted')
    return `Interrupted: ${checked}, ${bytewise}. The next run continues with the files not read yet.`;
  return `The archive is ${summary}: ${checked}, ${bytewise}.`;
}
