/**
 * index.ts: what the world offers to the server, to tests and to the demo.
 */
export { World, type WorldOptions } from './world.js';
export type { Account, CodeWay } from './account.js';
export { Chat, type NewChat, type Topic } from './chat.js';
export type { NewFolder } from './folder.js';
export { fileBytes, fileSha256, PhotoFile, DocumentFile, type Media, type OnCdn } from './media-file.js';
export { generateWorld, type GenerateOptions } from './generate/generate-world.js';
export { inventoryMessage, inventoryToJson, readableMessages } from './inventory.js';
export type { Inventory, InventoryChat, InventoryFile, InventoryMedia, InventoryMessage } from './inventory.js';
export type { Forward, Message, NewMessage, ReplyTo, Who } from './message.js';
export type { NewerMessage, NewerPeer, NewerUpdate } from './newer-things.js';
export type { Preview } from './preview.js';
export type { NewDocument, NewPhoto } from './new-media.js';
export type { MovingSize, StillSize } from './file-sizes.js';
export type { NewUser } from './user.js';
export type { ChatKind } from './peers.js';
export * from './live/index.js';
export type { DeletionReason, Happening, RecordedEvent, RecordedMessage, RecordedVersion } from './record.js';
export { Random } from './random.js';
export { HOSTILE_NAMES } from './generate/names.js';
