/**
 * media-keys.ts: keys of the other data centres, made once and kept: exporting an authorisation is flood-limited for up to an hour.
 * Only the holder of the lease makes and writes them; media workers read the session file.
 */
import { Api } from 'telegram';
import type { Logger } from '../app/index.js';
import type { Config } from '../config/index.js';
import type { Account } from './account.js';
import { mainAddress } from './addresses.js';
import { reachOf, TelegramConnection } from './connection.js';
import { keyName } from './key-name.js';
import { keyOf, type Session } from './session-file.js';

/** Sees to it that the session file has a key of a data centre other than the `refused` one. */
export async function grantMediaKey(
  { account, config, log }: { account: Account; config: Config; log: Logger },
  dcId: number,
  refused: string | null,
): Promise<void> {
  const known = keyOf(account.currentSession(), dcId);
  if (known && keyName(known) !== refused) return;
  if (dcId === account.currentSession().homeDc) return; // the login itself; it is not ours to make anew
  const address = mainAddress(account.currentSession().addresses, dcId);
  if (!address) throw new Error(`Telegram advertises no address of data centre ${dcId}`);
  const exported = await account.call(new Api.auth.ExportAuthorization({ dcId }));
  const connection = await TelegramConnection.open({
    address,
    key: undefined,
    ...reachOf(config),
    guard: account.guard,
  });
  try {
    await connection.call(new Api.auth.ImportAuthorization({ id: exported.id, bytes: exported.bytes }));
    const session: Session = account.currentSession();
    account.saveSession({ ...session, keys: { ...session.keys, [dcId]: connection.key.toString('hex') } });
  } finally {
    await connection.close();
  }
  log.info({ dc: dcId }, 'key granted');
}
