/** app: lifetime, signals, logging. */
export { Health, type HealthReport, serveHealth } from './health.js';
export { loggableError } from './loggable-error.js';
export { createLogger, type Logger } from './logger.js';
export { type AppContext, runApp } from './run.js';
export { Scope } from './scope.js';
