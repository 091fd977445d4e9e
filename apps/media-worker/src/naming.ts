/** naming.ts: how links are named, as set by media.name, media.folder and media.pad. Pure. */
import { holds, type NameTemplate, parseFolderTemplate, parseNameTemplate, type Settings } from '@tgsync/shared/config';
import type { LinkNaming } from '@tgsync/shared/db';
import { folded, linkName, type NamedMedia, templateFolder, templateName, titleName } from '@tgsync/shared/store';

/** What the settings say about names, with templates parsed; undefined: the usual names and folders. */
export interface NameRules {
  maxBytes: number;
  /** Digits to which message ids are padded in the usual names. */
  digits: number;
  photo: NameTemplate | undefined;
  document: NameTemplate | undefined;
  folder: NameTemplate | undefined;
}

type NameSettings = Pick<Settings, 'maxNameBytes' | 'padIds' | 'photoName' | 'documentName' | 'mediaFolder'>;

/** The rules of some settings. Throws if a template is wrong, which config.json's check excludes. */
export function nameRules(settings: NameSettings): NameRules {
  const { maxNameBytes, padIds, photoName, documentName, mediaFolder } = settings;
  return {
    maxBytes: maxNameBytes,
    digits: padIds,
    photo: photoName === null ? undefined : parseNameTemplate(photoName),
    document: documentName === null ? undefined : parseNameTemplate(documentName),
    folder: mediaFolder === null ? undefined : parseFolderTemplate(mediaFolder),
  };
}

/** How the links of a media are named; `maxBytes`: the limit on each part of a path. */
export function namingOf(media: NamedMedia, rules: NameRules, maxBytes: number): LinkNaming {
  const { [media.kind]: template, folder, digits } = rules;
  const saysTitle = [template, folder].some((it) => it && holds(it, ['title']));
  return {
    title: saysTitle ? (chatId, title, taken) => titleName(chatId, title, taken, maxBytes) : undefined,
    folder: (message, taken) => {
      if (folder) return templateFolder(folder, media, message, taken, maxBytes);
      return template ? `${message.chatId}` : null;
    },
    name: (message, taken) =>
      template
        ? templateName(template, media, message, taken, maxBytes)
        : linkName(media, message.messageId, taken, maxBytes, digits),
    usual: folder || template ? undefined : (messageId) => linkName(media, messageId, [], maxBytes, digits),
    keyOf: folded,
  };
}
