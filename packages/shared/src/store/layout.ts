/**
 * layout.ts: what is where in /media and /temp, and which media a name belongs to. Pure. Defined once for the code that places files,
 * checks them and repairs them.
 */

export interface FileOf {
  kind: 'photo' | 'document';
  id: bigint;
}

/** Complete files on their way into a repo, and links on their way into a chat. */
export const incomingFolder = '.incoming';
/** Where `tgsync repair` puts files whose bytes are wrong. */
export const damagedFolder = '.damaged';

const folders = { photo: 'photo-by-id', document: 'documents-by-id' } as const;
export const repoFolders: readonly string[] = Object.values(folders);

/** The folder of a repo, within /media. */
export function repoFolder(kind: string): string {
  return kind === 'photo' ? folders.photo : folders.document;
}

/** A complete file on its way. Each claim has its own name, so a worker that lost its claim writes into nobody else's file. */
export function incomingName(kind: string, fileName: string, claim: bigint): string {
  return `${kind}-${fileName.replace('.', `-${claim}.`)}`;
}

/** The folder of a link within /media: as a template gave it, otherwise that of the chat's id. */
export function folderOf({ chatId, folder }: { chatId: bigint; folder?: string | null }): string {
  return folder ?? `${chatId}`;
}

/** The target of a symbolic link in a folder within /media that points to a file of a repo. */
export function linkTarget(kind: string, fileName: string, folder: string): string {
  return `${'../'.repeat(folder.split('/').length)}${repoFolder(kind)}/${fileName}`;
}

/**
 * A link that is about to replace another file. Its name includes kind and id, so no other media ever has the same, whatever their
 * links are called. Nor does the complete file itself, whose name has one dot.
 */
export function incomingLinkName(kind: string, fileName: string, chatId: bigint, claim: bigint): string {
  return `${incomingName(kind, fileName, claim)}.${chatId}.link`;
}

/** Whether this is the name of a media's complete file, not of one still being made. */
export function isWholeInIncoming(name: string): boolean {
  return /^[^.]+\.[^.]+$/.test(name);
}

/** The name of a damaged file that was moved aside. `before`: its name in older versions, which a photo and a document could share. */
export function damagedName(kind: string, fileName: string): { name: string; before: string } {
  return { name: `${kind}-${fileName}`, before: fileName };
}

/** The folder in /temp of an unfinished download, as the holder of a claim has it. */
export function unfinishedName({ kind, id }: FileOf, claim: bigint): string {
  return `${kind}-${id}.${claim}`;
}

/** The two files in which older versions kept an unfinished download. */
export function partPairNames({ kind, id }: FileOf): { bytes: string; record: string } {
  return { bytes: `${kind}-${id}.part`, record: `${kind}-${id}.part.json` };
}

/** A name on the way to a repo, or in /temp. `claim` is undefined if an older version made it. */
export interface NameOnTheWay extends FileOf {
  claim?: bigint;
}

/** The media that a name in a repo belongs to. */
export function ownerInRepo(folder: string, name: string): FileOf | undefined {
  const id = idOf(/^(-?\d+)\./.exec(name)?.[1]);
  if (id === undefined || !repoFolders.includes(folder)) return undefined;
  return { kind: folder === folders.photo ? 'photo' : 'document', id };
}

/** What a name in .incoming belongs to; undefined if it is not one of ours. */
export function ownerInIncoming(name: string): NameOnTheWay | { chatId: bigint; messageId: bigint } | undefined {
  const media = onTheWay(/^(photo|document)-(-?\d+)(?:-(\d+))?\.[^/]+$/.exec(name));
  if (media) return media;
  const [, chat, message] = /^(-?\d+)-(\d+)[^\d].*\.link$/s.exec(name) ?? []; // as older versions named links
  const [chatId, messageId] = [idOf(chat), idOf(message)];
  return chatId === undefined || messageId === undefined ? undefined : { chatId, messageId };
}

/** The media whose unfinished download a name in /temp is: a folder with a claim, otherwise a file. */
export function ownerInTemp(name: string): NameOnTheWay | undefined {
  return onTheWay(/^(photo|document)-(-?\d+)\.(?:part(?:\.json(?:\.new)?)?|(\d+))$/.exec(name));
}

function onTheWay(match: readonly (string | undefined)[] | null): NameOnTheWay | undefined {
  const [, kind, media, number] = match ?? [];
  const [id, claim] = [idOf(media), idOf(number)];
  if (id === undefined || (number !== undefined && claim === undefined)) return undefined;
  return { kind: kind as FileOf['kind'], id, ...(claim !== undefined && { claim }) };
}

/** The message id that a name in a chat's folder begins with. */
export function messageOfLink(name: string): bigint | undefined {
  return idOf(/^\d+/.exec(name)?.[0]);
}

/** The chat id of a folder in /media. */
export function chatOfFolder(name: string): bigint | undefined {
  return /^-?[1-9]\d*$/.test(name) ? idOf(name) : undefined;
}

/** Digits that can be an id. Anybody can put any name into a folder, and the database refuses more than 64 bits. */
function idOf(digits: string | undefined): bigint | undefined {
  if (digits === undefined || digits.length > 20) return undefined;
  const id = BigInt(digits);
  return BigInt.asIntN(64, id) === id ? id : undefined;
}
