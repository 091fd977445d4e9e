/** app: lifetime, signals, logging. */
export { isBasicAuth } from './basic-auth.js';
export { exitCodes } from './exit-codes.js';
export { forStrangers, Health, type HealthReport, serveHealth } from './health.js';
export { limitConnections, patience } from './http-limits.js';
export { loggableError } from './loggable-error.js';
export { createLogger, type Logger } from './logger.js';
export { keepHeapSmall } from './memory.js';
export { version } from './version.js';
export { asCalled, setCalledAs } from './called-as.js';
export { escapedJson, printableJson, printableLine, printableText } from './printable.js';
export { keepLogsPrivate } from './private-logs.js';
export { type AppContext, runApp } from './run.js';
export { Scope } from './scope.js';
