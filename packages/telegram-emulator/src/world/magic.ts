/**
 * magic.ts: the first bytes of a file, and the server's storage type, by mime type.
 * A viewer that guesses by content should arrive at what the sender declared.
 */

const ascii = (text: string): number[] => [...Buffer.from(text, 'latin1')];

const HEADS: Readonly<Record<string, readonly number[]>> = {
  'image/jpeg': [0xff, 0xd8, 0xff, 0xe0, 0, 16, ...ascii('JFIF'), 0, 1, 1, 0, 0, 1, 0, 1, 0, 0],
  'image/png': [0x89, ...ascii('PNG\r\n'), 0x1a, 0x0a],
  'image/gif': ascii('GIF89a'),
  'image/webp': [...ascii('RIFF'), 0, 0, 1, 0, ...ascii('WEBPVP8 ')],
  'video/mp4': [0, 0, 0, 24, ...ascii('ftypisom'), 0, 0, 2, 0, ...ascii('isommp41')],
  'video/quicktime': [0, 0, 0, 20, ...ascii('ftypqt  '), 0, 0, 2, 0, ...ascii('qt  ')],
  'video/webm': [0x1a, 0x45, 0xdf, 0xa3],
  'audio/ogg': ascii('OggS'),
  'audio/mpeg': [...ascii('ID3'), 4, 0, 0, 0, 0, 0, 0],
  'application/pdf': ascii('%PDF-1.7\n'),
  'application/zip': [...ascii('PK'), 3, 4],
  'application/x-tgsticker': [0x1f, 0x8b, 8, 0],
};

const STORAGE: Readonly<Record<string, string>> = {
  'image/jpeg': 'storage.fileJpeg',
  'image/gif': 'storage.fileGif',
  'image/png': 'storage.filePng',
  'application/pdf': 'storage.filePdf',
  'audio/mpeg': 'storage.fileMp3',
  'video/quicktime': 'storage.fileMov',
  'video/mp4': 'storage.fileMp4',
  'image/webp': 'storage.fileWebp',
};

/** The first bytes of a file of this type; empty if the type has none. */
export function magicOf(mimeType: string): Uint8Array {
  return Uint8Array.from(HEADS[mimeType] ?? []);
}

/** The constructor of `storage.FileType` for a mime type. */
export function storageTypeOf(mimeType: string): string {
  return STORAGE[mimeType] ?? 'storage.fileUnknown';
}
