/** invitation.ts: the lines that the command line prints about how to log in to the dashboard. */
import { type Config, dashboardPassword, type Environment } from '../config/index.js';
import { DashboardAccess } from './access.js';
import { dashboardUrl } from './address.js';
import { passwordFile } from './password-file.js';

/**
 * One line each. `url`: the dashboard's address, if the caller knows it better than the settings do. Throws a PersonError for an unusable
 * password file.
 */
export function invitation(config: Config, env: Environment, url = dashboardUrl(config, env)): string[] {
  const where = url ?? 'at the URL in the scheduler’s log';
  if (config.dashboard.open_to_everyone) return [`Dashboard: ${where}, no password.`];
  const configured = dashboardPassword(config, env);
  const access = new DashboardAccess(env, configured);
  const kept = configured === null ? `in ${passwordFile(env)}` : 'from config.json';
  const link = access.makeLink();
  return [
    `Dashboard: ${where}, user tgsync, password ${kept}.`,
    ...(url === undefined ? [] : [`Or open this link, which works once, within an hour: ${url}${link}`]),
  ];
}
