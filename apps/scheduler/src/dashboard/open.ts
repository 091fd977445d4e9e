/**
 * open.ts: serves the dashboard as config.json says, and logs where it is and how to log in. A problem with it costs the page, not the
 * archive.
 */
import type { Logger, Scope } from '@tgsync/shared/app';
import { type Config, dashboardPassword, type Environment } from '@tgsync/shared/config';
import { DashboardAccess, invitation, passwordFile } from '@tgsync/shared/dashboard-access';
import { PersonError } from '@tgsync/shared/errors';
import { type DashboardParts, serveDashboard } from './serve.js';

type Parts = Omit<DashboardParts, 'access' | 'calledAs'> & {
  /** Never written to a log file, which others may read. null: whoever started us shows the link and keeps our output. */
  screen: Logger | null;
};

export async function openDashboard(scope: Scope, parts: Parts, config: Config, env: Environment): Promise<void> {
  const { log, screen } = parts;
  const { dashboard } = config;
  if (dashboard.trust_network !== undefined)
    log.warn(
      'dashboard.trust_network no longer has any effect: remove it from config.json, or set dashboard.open_to_everyone to do without a password',
    );
  if (dashboard.open_to_everyone && !isThisMachine(env.dashboardBind))
    throw new PersonError(
      `DASHBOARD_BIND publishes the dashboard at ${env.dashboardBind}, where it needs a password. Remove dashboard.open_to_everyone from config.json.`,
    );
  if (dashboard.open_to_everyone) log.warn('the dashboard has no password (dashboard.open_to_everyone)');
  const calledAs = env.calledAs ?? 'npm run -s tgsync --';
  try {
    const access = new DashboardAccess(env, dashboardPassword(config, env));
    if (!dashboard.open_to_everyone) void access.own; // created now, not on the first request
    const served = { ...parts, calledAs, access: dashboard.open_to_everyone ? null : access };
    const { url } = scope.use(await serveDashboard(served, dashboard), (it) => it.close());
    if (dashboard.open_to_everyone) return;
    log.info(
      access.configured === null ? { file: passwordFile(env) } : {},
      'the dashboard requires a password; the user is tgsync',
    );
    for (const line of invitation(config, env, env.dashboardUrl ?? url)) screen?.info(line);
  } catch (error) {
    log.warn({ reason: reasonFor(error) }, 'no dashboard');
  }
}

function isThisMachine(bind = '127.0.0.1'): boolean {
  return bind === 'localhost' || bind === '::1' || bind === '[::1]' || bind.startsWith('127.');
}

/** Why there is no dashboard, and the remedy. Rethrows an error that no setting can fix. */
function reasonFor(error: unknown): string {
  if (error instanceof PersonError) return error.message;
  const { message, code = '', syscall } = error as NodeJS.ErrnoException;
  if (['EADDRINUSE', 'EACCES'].includes(code)) return `${message}; choose another dashboard.port in config.json`;
  if (['listen', 'bind', 'getaddrinfo'].includes(syscall ?? ''))
    return `${message}; choose another dashboard.host in config.json`;
  throw error;
}
