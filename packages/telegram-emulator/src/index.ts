/**
 * index.ts: what the package exports: a world, and a Telegram server for it.
 */
export { type Counters } from './counters.js';
export { type ExtraAddress } from './addresses.js';
export { type Address } from './data-centres.js';
export { type Fault, type FaultAction, type FaultHandle, type Faults } from './faults.js';
export { type FaultFilter } from './fault-filter.js';
export { type AddressFilter, type ConnectionFilter } from './listeners.js';
export { type Outage } from './outages.js';
export { type PushForm, type Pushes } from './pushes.js';
export { type PushAction, type PushFault, type PushFaultHandle, type PushFilter } from './push-faults.js';
export { type CallEvent, type Emulator, type EmulatorOptions, type ServerSetting, startEmulator } from './server.js';
export { type TlObject } from './tl/value.js';
export * from './world/index.js';
