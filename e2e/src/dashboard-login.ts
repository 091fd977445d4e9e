/** dashboard-login.ts: the Authorization header of who has read an archive's dashboard.password, as `curl -u tgsync:…` sends it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `appdata`: the archive's folder; the dashboard must have come up, which makes the password. */
export function asOwner({ appdata }: { appdata: string }): { authorization: string } {
  return asUser(readFileSync(join(appdata, 'dashboard.password'), 'utf8').trim());
}

export function asUser(password: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`tgsync:${password}`).toString('base64')}` };
}
