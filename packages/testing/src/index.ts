/** testing: real parts for tests, private to each test. */
export { type Archive, makeArchive } from './archive.js';
export { cloneDatabase, dropDatabase } from './database.js';
export { type Fixtures, test } from './fixtures.js';
export { migrateUpTo } from './old-database.js';
export { patience } from './patience.js';
export { type Plan, plansOf, statementsOf } from './statements.js';
export { Fleet, type LogEntry } from './fleet.js';
export { loadedModules, noteLoadedModules } from './loaded-modules.js';
