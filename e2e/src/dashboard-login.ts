/** dashboard-login.ts: the Authorization header for an archive's dashboard.password, as sent by `curl -u tgsync:…`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `appdata`: the archive's folder; the dashboard, which creates the password, must be up. */
export function asOwner({ appdata }: { appdata: string }): { authorization: string } {
  return asUser(readFileSync(join(appdata, 'dashboard.password'), 'utf8').trim());
}

export function asUser(password: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`tgsync:${password}`).toString('base64')}` };
}
