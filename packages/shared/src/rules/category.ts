/** category.ts: what a document is for a person: a video, a voice message, a sticker. Telegram tells it by the document's attributes. Pure. */

export const mediaCategories = [
  'photo',
  'video',
  'voice',
  'round',
  'audio',
  'sticker',
  'animation',
  'document',
] as const;
export type MediaCategory = (typeof mediaCategories)[number];

/** An attribute of a document: its constructor in the layer's own name, with the flags that matter here. */
export interface Attribute {
  constructor: string;
  isRound: boolean;
  isVoice: boolean;
}

/** A sticker or GIF is a video file as well, so the order counts (core.telegram.org/type/DocumentAttribute). */
export function categoryOf(attributes: readonly Attribute[]): MediaCategory {
  const has = (name: string) => attributes.find((it) => it.constructor === `DocumentAttribute${name}`);
  if (has('Sticker') ?? has('CustomEmoji')) return 'sticker';
  if (has('Animated')) return 'animation';
  const video = has('Video');
  if (video) return video.isRound ? 'round' : 'video';
  const audio = has('Audio');
  if (audio) return audio.isVoice ? 'voice' : 'audio';
  return 'document';
}

/** The category of a document within a message as it was stored; undefined if the message does not contain it. */
export function categoryInRaw(raw: unknown, documentId: bigint): MediaCategory | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const it = raw as Record<string, unknown>;
  if (it['_'] === 'Document' && it['id'] === documentId.toString() && Array.isArray(it['attributes']))
    return categoryOf(
      (it['attributes'] as Record<string, unknown>[]).map((one) => ({
        constructor: String(one['_']),
        isRound: one['roundMessage'] === true,
        isVoice: one['voice'] === true,
      })),
    );
  for (const part of Object.values(it)) {
    const found = categoryInRaw(part, documentId);
    if (found) return found;
  }
  return undefined;
}
