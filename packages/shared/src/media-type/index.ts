/** media-type: which extension a file gets. Pure. */
import { extension as extensionOfType } from 'mime-types';

/** Types that the registry does not know, or lists with an extension nobody uses. */
const usualExtensions = new Map([
  ['audio/mpeg', 'mp3'],
  ['audio/ogg', 'ogg'],
  ['audio/aac', 'aac'],
  ['audio/flac', 'flac'],
  ['video/quicktime', 'mov'],
  ['application/x-tgsticker', 'tgs'],
]);

export interface TypedMedia {
  kind: 'photo' | 'document';
  /** The mime type. */
  type: string | null;
  name: string | null;
}

/** The extension without its dot: by mime type, then by name, then `bin`. */
export function extensionOf({ kind, type, name }: TypedMedia): string {
  if (kind === 'photo') return 'jpg';
  const plainType = type?.split(';')[0]!.trim().toLowerCase();
  const byType =
    plainType &&
    plainType !== 'application/octet-stream' &&
    (usualExtensions.get(plainType) ?? extensionOfType(plainType));
  return byType || (name && /\.([A-Za-z0-9]{1,16})$/.exec(name)?.[1]) || 'bin';
}
