/** invite.ts: prints on stderr where the dashboard is and how to log in; a dashboard without a usable password stops no command. */
import type { Config, Environment } from '@tgsync/shared/config';
import { invitation } from '@tgsync/shared/dashboard-access';
import { PersonError } from '@tgsync/shared/errors';
import { printAside } from './terminal.js';

/** `url`: the dashboard's address, if the caller knows it better than the settings do. */
export function inviteToDashboard(config: Config, env: Environment, url?: string): void {
  try {
    for (const line of invitation(config, env, url)) printAside(line);
  } catch (error) {
    if (!(error instanceof PersonError)) throw error;
    printAside(`No dashboard: ${error.message}`);
  }
}
