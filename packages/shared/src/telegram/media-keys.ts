/**
 * media-keys.ts: keys of the other data centres, made once and kept: exporting an authorisation is flood-limited for up to an hour.
 * A CDN gets one that no login has.
 * Only the holder of the lease makes and writes them; media workers read the session file.
 */
import { Api } from 'telegram';
import type { Logger } from '../app/index.js';
import type { Config } from '../config/index.js';
import { keyName, keyOf, type Session } from '../session/index.js';
import type { Account } from './account.js';
import { advertised, cdnAddress, mainAddress } from './addresses.js';
import { type Address, reachOf, TelegramConnection } from './connection.js';

interface Deps {
  account: Account;
  config: Config;
  log: Logger;
}

/** Sees to it that the session file has a key of a data centre other than the `refused` one. */
export async function grantMediaKey(deps: Deps, dcId: number, refused: string | null): Promise<void> {
  const { account, log } = deps;
  const known = keyOf(account.currentSession(), dcId);
  if (known && keyName(known) !== refused) return;
  if (dcId === account.currentSession().homeDc) return; // the login itself; it is not ours to make anew
  const address = await addressOf(account, dcId);
  const key = address.cdn ? await cdnKey(deps, address) : await joinedKey(deps, address);
  const session: Session = account.currentSession();
  account.saveSession({ ...session, keys: { ...session.keys, [dcId]: key.toString('hex') } });
  log.info({ dc: dcId }, 'key granted');
}

/** Telegram is asked again where a data centre is that we never heard of. */
async function addressOf(account: Account, dcId: number): Promise<Address> {
  const find = (all: readonly Address[]) => mainAddress(all, dcId) ?? cdnAddress(all, dcId);
  const known = find(account.currentSession().addresses);
  if (known) return known;
  const addresses = advertised(await account.call(new Api.help.GetConfig()));
  const address = find(addresses);
  if (!address) throw new Error(`Telegram advertises no address of data centre ${dcId}`);
  account.saveSession({ ...account.currentSession(), addresses });
  return address;
}

/** A key that joins our login. */
async function joinedKey({ account, config }: Deps, address: Address): Promise<Buffer> {
  const exported = await account.call(new Api.auth.ExportAuthorization({ dcId: address.dcId }));
  const reach = { address, key: undefined, ...reachOf(config), guard: account.guard };
  const connection = await TelegramConnection.open(reach);
  try {
    await connection.call(new Api.auth.ImportAuthorization({ id: exported.id, bytes: exported.bytes }));
    return connection.key;
  } finally {
    await connection.close();
  }
}

/** A key of nobody's with a CDN, which proves itself by the RSA keys that Telegram names. */
async function cdnKey({ account, config }: Deps, address: Address): Promise<Buffer> {
  const { publicKeys } = await account.call(new Api.help.GetCdnConfig());
  const trusted = publicKeys.filter((it) => it.dcId === address.dcId).map((it) => it.publicKey);
  if (trusted.length === 0) throw new Error(`Telegram names no RSA key of the CDN data centre ${address.dcId}`);
  const reach = { address, key: undefined, trusted, ...reachOf(config), guard: account.guard };
  const connection = await TelegramConnection.open(reach);
  await connection.close();
  return connection.key;
}
