/**
 * index.ts: the package's face: a world, and a Telegram server for it.
 */
export { type Counters } from './counters.js';
export { type Address } from './data-centres.js';
export { type Fault, type FaultAction, type FaultFilter, type FaultHandle, type Faults } from './faults.js';
export { type ConnectionFilter } from './listeners.js';
export { type CallEvent, type Emulator, type EmulatorOptions, type ServerSetting, startEmulator } from './server.js';
export { type TlObject } from './tl/value.js';
export * from './world/index.js';
