/** invitation.ts: how a person gets into the dashboard, in the words that the command line prints. */
import { type Config, dashboardPassword, type Environment } from '../config/index.js';
import { DashboardAccess } from './access.js';
import { dashboardUrl } from './address.js';
import { passwordFile } from './password-file.js';

/** One line each. `url`: where the dashboard is, if the caller knows better than the settings. Throws PersonError for a password file that is of no use. */
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
