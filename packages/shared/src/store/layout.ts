/**
 * layout.ts: what stands where in /media and /temp, and whose a name is. Pure. One place says it for those who place files,
 * those who check them and those who mend them.
 */

export interface FileOf {
  kind: 'photo' | 'document';
  id: bigint;
}

/** Whole files on their way into a repo, and links on their way into a chat. */
export const incomingFolder = '.incoming';
/** Where `tgsync repair` puts files whose bytes are wrong. */
export const damagedFolder = '.damaged';

const folders = { photo: 'photo-by-id', document: 'documents-by-id' } as const;
export const repoFolders: readonly string[] = Object.values(folders);

export function repoFolder(kind: string): string {
  return kind === 'photo' ? folders.photo : folders.document;
}

export function incomingName(kind: string, fileName: string): string {
  return `${kind}-${fileName}`;
}

/** What a symbolic link in a chat's folder says that leads to a file of a repo. */
export function linkTarget(kind: string, fileName: string): string {
  return `../${repoFolder(kind)}/${fileName}`;
}

/**
 * A link that is about to take the place of another file. Kind and id are in it: no other media ever has the name, whatever
 * their links are called. Nor has the whole file itself, whose name has one dot.
 */
export function incomingLinkName(kind: string, fileName: string, chatId: bigint): string {
  return `${incomingName(kind, fileName)}.${chatId}.link`;
}

/** The whole file of a media, and nothing that is still made of it. */
export function isWholeInIncoming(name: string): boolean {
  return /^[^.]+\.[^.]+$/.test(name);
}

/** A damaged file that was moved aside; `before`: what older versions called it, which a photo and a document could share. */
export function damagedName(kind: string, fileName: string): { name: string; before: string } {
  return { name: incomingName(kind, fileName), before: fileName };
}

/** An unfinished download in /temp; `.part` and `.part.json` are added to it. */
export function partName({ kind, id }: FileOf): string {
  return `${kind}-${id}`;
}

/** Whose file this name in a repo is. */
export function ownerInRepo(folder: string, name: string): FileOf | undefined {
  const id = idOf(/^(-?\d+)\./.exec(name)?.[1]);
  if (id === undefined || !repoFolders.includes(folder)) return undefined;
  return { kind: folder === folders.photo ? 'photo' : 'document', id };
}

/** What a name in .incoming stands for; undefined: it is none of ours. */
export function ownerInIncoming(name: string): FileOf | { chatId: bigint; messageId: bigint } | undefined {
  const [, kind, media] = /^(photo|document)-(-?\d+)\.[^/]+$/.exec(name) ?? [];
  const id = idOf(media);
  if (id !== undefined) return { kind: kind as FileOf['kind'], id };
  const [, chat, message] = /^(-?\d+)-(\d+)[^\d].*\.link$/s.exec(name) ?? []; // as older versions called links
  const [chatId, messageId] = [idOf(chat), idOf(message)];
  return chatId === undefined || messageId === undefined ? undefined : { chatId, messageId };
}

/** Whose unfinished download this name in /temp is. */
export function ownerInTemp(name: string): FileOf | undefined {
  const [, kind, media] = /^(photo|document)-(-?\d+)\.part(\.json(\.new)?)?$/.exec(name) ?? [];
  const id = idOf(media);
  return id === undefined ? undefined : { kind: kind as FileOf['kind'], id };
}

/** The message that a name in a chat's folder begins with. */
export function messageOfLink(name: string): bigint | undefined {
  return idOf(/^\d+/.exec(name)?.[0]);
}

/** The chat of a folder in /media. */
export function chatOfFolder(name: string): bigint | undefined {
  return /^-?[1-9]\d*$/.test(name) ? idOf(name) : undefined;
}

/** Digits that are an id: anybody may put any name into a folder, and a database refuses more than 64 bits. */
function idOf(digits: string | undefined): bigint | undefined {
  if (digits === undefined || digits.length > 20) return undefined;
  const id = BigInt(digits);
  return BigInt.asIntN(64, id) === id ? id : undefined;
}
