/**
 * finding-kinds.ts: everything that a verification can find, once: how bad it is, what it is called, what to do.
 * wrong and owed: the archive is not whole. note: nothing is missing, but the person should know.
 */

export type Level = 'wrong' | 'owed' | 'note';

interface Kind {
  level: Level;
  title: string;
  advice: string;
}
const kind = (level: Level, title: string, advice: string): Kind => ({ level, title, advice });

const repair = '`tgsync repair` mends it';
const fleet = 'the running fleet brings it';
const look = 'look at it yourself; tgsync leaves it alone';
const yours = 'nothing to do: what you deleted stays deleted';

export const findingKinds = {
  'telegram-not-asked': kind(
    'wrong',
    'Telegram could not be asked',
    'not proven: messages were checked against the last survey',
  ),
  'chat-unreadable': kind('wrong', 'chat cannot be read', 'join it again, or take it out of tg.chats'),
  'chat-not-surveyed': kind('wrong', 'chat was never looked at', 'start the fleet once'),
  'chat-migrated': kind('note', 'group became a supergroup', 'add the new id to tg.chats to go on with it'),
  'range-owed': kind('owed', 'messages not read yet', fleet),
  'range-not-visible': kind(
    'note',
    'messages that Telegram does not show',
    'nothing to do: deleted, most probably; they are looked for again every month',
  ),
  'message-unmapped': kind(
    'note',
    'message that this version cannot read',
    'nothing is lost; a later version reads it',
  ),
  'chat-lost': kind('wrong', 'chat without its row in the database', repair),
  'media-lost': kind(
    'wrong',
    'file without its row in the database',
    '`tgsync repair` has its message asked for again',
  ),
  'message-linked': kind('wrong', 'message contradicts its media', repair),

  'media-owed': kind('owed', 'file not downloaded yet', fleet),
  'media-failed': kind('wrong', 'download failed', '`tgsync repair` lets the fleet try again'),
  'media-gone': kind('note', 'file gone in Telegram', 'nothing can be done: no message holds it any more'),

  'folder-not-mounted': kind('wrong', 'media folder is not there', 'mount the disk; nothing was concluded from it'),
  'files-gone': kind(
    'wrong',
    'a large share of the files is gone at once',
    '`tgsync repair --accept-deleted` if it was you; else put them back, or `tgsync repair --restore-deleted`',
  ),
  'file-deleted': kind('note', 'file you deleted', yours),
  'file-size': kind('wrong', 'file with a wrong size', repair),
  'file-bytes': kind('wrong', 'file with wrong bytes', repair),
  'file-differs': kind('wrong', 'file that is not the one that Telegram has', repair),
  'files-not-compared': kind(
    'wrong',
    'files that were not compared with Telegram',
    'start the fleet, and verify --server again',
  ),
  'file-moved-aside': kind('wrong', 'repair that was interrupted', repair),
  'file-not-regular': kind('wrong', 'no file in its place', look),
  'file-unreadable': kind('wrong', 'file cannot be read', 'look at its permissions and the health of the disk'),
  'file-unproven': kind('note', 'file without a recorded SHA-256', 'only its size could be checked'),
  'file-orphaned': kind('note', 'file without any link', '`find … -links 1 -delete` would delete it'),

  'link-owed': kind('owed', 'link not made yet', fleet),
  'link-deleted': kind('note', 'link you deleted', yours),
  'link-beside-deleted': kind('note', 'link to a file you deleted', 'nothing to do: the link still holds its bytes'),
  'link-other-file': kind('wrong', 'another file in place of a link', '`tgsync repair` links it again if it is equal'),
  'link-state': kind('wrong', 'link contradicts its media', repair),

  stray: kind('note', 'file that is not of this archive', look),
  symlink: kind('note', 'symbolic link', 'not followed; tgsync leaves it alone'),
  damaged: kind('note', 'file that a repair moved aside', 'delete it when you do not need it any more'),
  'incoming-leftover': kind('note', 'leftover on its way to a repo', '`tgsync repair` removes it'),
  'temp-leftover': kind('note', 'leftover of a download', '`tgsync repair` removes it'),
  'temp-stray': kind('note', 'foreign file in the temp folder', look),
} satisfies Record<string, Kind>;

export type FindingKind = keyof typeof findingKinds;
