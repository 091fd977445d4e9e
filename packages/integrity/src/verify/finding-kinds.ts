/**
 * finding-kinds.ts: everything that a verification can find: its level, title and advice.
 * wrong and owed: the archive is not whole. note: nothing is missing, but the person should know.
 */

export type Level = 'wrong' | 'owed' | 'note';

interface Kind {
  level: Level;
  title: string;
  advice: string;
}
const kind = (level: Level, title: string, advice: string): Kind => ({ level, title, advice });

const repair = '`tgsync repair` fixes it';
const fleet = 'the running fleet fetches it';
const yourself = 'check it yourself; tgsync does not touch it';
const yours = 'nothing to do; what you deleted stays deleted';

export const findingKinds = {
  'telegram-not-asked': kind(
    'wrong',
    'Telegram could not be asked',
    'messages were only checked against the last survey',
  ),
  'chat-unreadable': kind('wrong', 'chat cannot be read', 'join it again, or remove it from tg.chats'),
  'chat-not-surveyed': kind('wrong', 'chat was never surveyed', 'start the fleet once'),
  'chat-migrated': kind('note', 'group became a supergroup', 'add the new id to tg.chats to continue with it'),
  'range-owed': kind('owed', 'messages not read yet', fleet),
  'range-not-visible': kind(
    'note',
    'messages that Telegram does not show',
    'nothing to do; most likely deleted, and checked again every month',
  ),
  'message-unmapped': kind(
    'note',
    'message that this version cannot read',
    'nothing is lost; a later version can read it',
  ),
  'chat-lost': kind('wrong', 'chat missing from the database', repair),
  'media-lost': kind('wrong', 'file missing from the database', '`tgsync repair` has its message fetched again'),
  'message-linked': kind('wrong', 'message contradicts its media', repair),

  'media-owed': kind('owed', 'file not downloaded yet', fleet),
  'media-failed': kind('wrong', 'download failed', '`tgsync repair` has the fleet retry it'),
  'media-gone': kind('note', 'file gone from Telegram', 'nothing can be done; no message contains it any more'),

  'folder-not-mounted': kind('wrong', 'media folder is not mounted', 'mount the disk; nothing was concluded'),
  'files-gone': kind(
    'wrong',
    'a large share of the files is missing at once',
    '`tgsync repair --accept-deleted` if you deleted them; otherwise put them back, or `tgsync repair --restore-deleted`',
  ),
  'file-deleted': kind('note', 'file you deleted', yours),
  'file-size': kind('wrong', 'file with a wrong size', repair),
  'file-bytes': kind('wrong', 'file with wrong bytes', repair),
  'file-differs': kind('wrong', "file that differs from Telegram's", repair),
  'files-not-compared': kind(
    'wrong',
    'files not compared with Telegram',
    'start the fleet, then run `tgsync verify --server` again',
  ),
  'file-moved-aside': kind('wrong', 'interrupted repair', repair),
  'file-not-regular': kind('wrong', 'not a regular file', yourself),
  'file-unreadable': kind('wrong', 'file cannot be read', 'check its permissions and the health of the disk'),
  'file-unproven': kind('note', 'file without a recorded SHA-256', 'only its size could be checked'),
  'file-orphaned': kind('note', 'file without any link', '`find … -links 1 -delete` would delete it'),

  'link-owed': kind('owed', 'link not made yet', fleet),
  'link-deleted': kind('note', 'link you deleted', yours),
  'link-beside-deleted': kind('note', 'link to a file you deleted', 'nothing to do; the link keeps its bytes'),
  'link-other-file': kind(
    'wrong',
    'another file in place of a link',
    '`tgsync repair` links it again if its bytes are equal',
  ),
  'link-state': kind('wrong', 'link contradicts its media', repair),

  stray: kind('note', 'file that does not belong to this archive', yourself),
  symlink: kind('note', 'symbolic link', 'not followed; tgsync does not touch it'),
  damaged: kind('note', 'file that a repair moved aside', 'delete it when you no longer need it'),
  'incoming-leftover': kind('note', 'leftover on its way to a repo', '`tgsync repair` removes it'),
  'temp-leftover': kind('note', 'leftover of a download', '`tgsync repair` removes it'),
  'temp-stray': kind('note', 'foreign file in the temp folder', yourself),
} satisfies Record<string, Kind>;

export type FindingKind = keyof typeof findingKinds;
