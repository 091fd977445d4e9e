/** dashboard-access: who may see the dashboard: its password, one-time links and sessions, and what people are told about them. */
export { DashboardAccess, sessionSeconds } from './access.js';
export { dashboardUrl, urlOf } from './address.js';
export { invitation } from './invitation.js';
export { ownPassword, passwordFile, readOwnPassword } from './password-file.js';
