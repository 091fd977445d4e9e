/**
 * links.ts: names the links of a complete file and creates them. A link that the disk refuses holds up no other one: it is owed with its
 * reason and retried later. If the whole disk refuses, that error is thrown.
 */
import type { Logger } from '@tgsync/shared/app';
import {
  type Db,
  forgetLinkName,
  type LinkNaming,
  type LinkPlace,
  type MadeLink,
  type Media,
  nameUsualLinks,
  type OwedLink,
  type PendingLink,
  type PlaceableLink,
  type RefusedLink,
  reserveLinkName,
} from '@tgsync/shared/db';
import { PersonError } from '@tgsync/shared/errors';
import { heldBy } from '@tgsync/shared/media';
import { diskTrouble, type MediaStore, type DiskSpace, type StoredFile } from '@tgsync/shared/store';
import { type NameRules, namingOf } from './naming.js';

export interface LinkDeps {
  db: Db;
  store: MediaStore;
  diskSpace: DiskSpace;
  log: Logger;
  names: () => NameRules;
}

/** A complete file: where it is, and its name in the repo. */
export interface LinkSource extends StoredFile {
  path: string;
  fileName: string;
}

/** The shortest limit on names, in bytes, of the encrypted file systems in common use. */
const shortNameBytes = 143;

/** A link and its place. */
type NamedLink = PendingLink & LinkPlace;

/** The places of links, of those that have one already or that are easily named; {@link linkAll} names the others one by one. */
export async function nameAll(
  deps: Pick<LinkDeps, 'db' | 'names'>,
  media: Media,
  links: readonly PlaceableLink[],
): Promise<NamedLink[]> {
  const given = links.flatMap(({ name, ...link }) => (name === null ? [] : [{ ...link, name }]));
  const unnamed = links.filter((it) => it.name === null && it.isAlone);
  return [...given, ...(await nameUsualLinks(deps.db, media, unnamed, usualNaming(deps, media)))];
}

/** How links are named as long as no name is too long for the disk. */
export function usualNaming({ names }: Pick<LinkDeps, 'names'>, media: Media): LinkNaming {
  return namingOf(media, names(), names().maxBytes);
}

const keyOf = ({ chatId, messageId }: PendingLink) => `${chatId}/${messageId}`;

export async function linkAll(
  deps: LinkDeps,
  media: Media,
  file: LinkSource,
  links: readonly OwedLink[],
  named: readonly NamedLink[] = [],
): Promise<{ made: MadeLink[]; refused: RefusedLink[] }> {
  const made: MadeLink[] = [];
  const refused: RefusedLink[] = [];
  const places = new Map(named.map((it) => [keyOf(it), it]));
  for (const one of links) {
    const { chatId, messageId } = one;
    try {
      const place = places.get(keyOf(one));
      const isSimple = place !== undefined && (await deps.store.showNew(file.path, place));
      const copied = isSimple ? false : await makeLink(deps, media, file, one);
      made.push({ chatId, messageId, copied });
    } catch (error) {
      const reason = await reasonOf(deps.diskSpace, error);
      deps.log.warn({ chatId, messageId, kind: media.kind, id: media.id, reason }, 'link refused; retrying later');
      refused.push({ chatId, messageId, reason });
    }
  }
  return { made, refused };
}

/** What is wrong with a single path in /media; everything else is thrown. */
async function reasonOf(diskSpace: DiskSpace, error: unknown): Promise<string> {
  const wait = await diskSpace.meaningOf(error);
  if (wait) throw wait;
  const reason = diskTrouble(error) ?? (error instanceof PersonError ? error.message : undefined);
  if (reason === undefined) throw error;
  return reason;
}

/** Returns whether a copy had to be made instead of the link. */
async function makeLink(deps: LinkDeps, media: Media, file: LinkSource, one: OwedLink): Promise<boolean> {
  const { db, store } = deps;
  let { maxBytes } = deps.names();
  for (;;) {
    try {
      const place = await placeOf(deps, media, file, one, maxBytes);
      const shown = { ...place, date: one.date };
      const copied = await store.show(file.path, heldBy(db, media), file.fileName, shown);
      if (copied) warnOnce(deps, copied === 'EXDEV');
      return copied !== undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENAMETOOLONG' || one.wasLinked) throw error;
      await forgetLinkName(db, media, one);
      if (maxBytes <= shortNameBytes) throw error;
      maxBytes = shortNameBytes;
    }
  }
}

/** Where a link is. A person's own file of that name stays, and ours gets another name, unless we created it earlier. */
async function placeOf(
  { db, store, log, names }: LinkDeps,
  media: Media,
  file: LinkSource,
  link: OwedLink,
  maxBytes: number,
): Promise<LinkPlace> {
  const { chatId, messageId, wasLinked } = link;
  const taken = { names: [] as string[], folders: [] as string[] };
  const naming = namingOf(media, names(), maxBytes);
  for (;;) {
    const place = await reserveLinkName(db, media, link, naming, taken);
    const own = wasLinked ? undefined : await store.takenBy(place, file.path, file);
    if (own === undefined) return place;
    const { name, folder } = place;
    log.info({ chatId, messageId, name }, 'your own file has the name of a link; keeping it and renaming the link');
    if (own === 'file-as-folder') taken.folders.push(folder!);
    else taken.names.push(name);
  }
}

const warned = new WeakSet<MediaStore>();

/** Copies take up the file's space again, so the person should know what to change. Logged once. */
function warnOnce({ store, log }: LinkDeps, isUnion: boolean): void {
  if (!isUnion || warned.has(store)) return;
  warned.add(store);
  log.warn(
    'hard links within the media folder fail (EXDEV), so chats get copies; on a union of disks (mergerfs, ' +
      'unraid) choose a policy that does not preserve paths, or use a single disk',
  );
}
