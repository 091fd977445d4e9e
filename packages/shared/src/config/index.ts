/** config: what the person wants (config.json) and where things are (the environment). */
export { type Cipher, type Environment, placeOfPath, readEnvironment, writeEnvironment } from './environment.js';
export { foldersOf } from './folders.js';
export {
  awaitConfig,
  configFile,
  dashboardPassword,
  databaseUrlAnyway,
  databaseUrlOf,
  layerSetting,
  loadConfig,
  logSettings,
} from './load.js';
export {
  holds,
  type NameTemplate,
  parseFolderTemplate,
  parseNameTemplate,
  type TemplatePart,
} from './name-template.js';
export { ConfigError, parseConfig } from './parse.js';
export { readText } from './read-text.js';
export { type PostgresOptions, postgresOptions } from './postgres-url.js';
export {
  type CheckHashes,
  type Config,
  type LinkMode,
  type ServerSettings,
  type Settings,
  settingsOf,
  settingsSchema,
} from './schema.js';
export { type ChatSelector, chatSelectors, type WantedChat, wantedChats } from './chats.js';
export type { RecheckRule } from './recheck.js';
export { type ChatKey, readChatKey } from './chat-key.js';
