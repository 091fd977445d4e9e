/**
 * media-keys.ts: keys of the other data centres, made once and kept: exporting an authorisation is flood-limited for up to an hour. A CDN
 * gets a key that belongs to no login. Only the lease holder makes and writes keys; media workers read the session file.
 */
import { Api } from '../wire/gramjs.js';
import type { Logger } from '../../app/index.js';
import type { Config } from '../../config/index.js';
import { keyName, keyOf } from '../../session/index.js';
import type { Account } from './account.js';
import { advertised, cdnAddresses, mainAddresses } from '../wire/addresses.js';
import { type Address, reachOf, TelegramConnection } from '../wire/connection.js';
import type { Hold } from './hold.js';

interface Deps {
  account: Account;
  config: Config;
  log: Logger;
}

/** Ensures that the session file has a key of a data centre other than the `refused` one. */
export async function grantMediaKey(deps: Deps, dcId: number, refused: string | null): Promise<void> {
  const { account, log } = deps;
  const hold = account.held(); // a key authorised for one login must not end up in another's session
  const known = keyOf(hold.session, dcId);
  if (known && keyName(known) !== refused) return;
  if (dcId === hold.session.homeDc) return; // the home key is the login itself and cannot be replaced
  const addresses = await addressesOf(deps, hold, dcId);
  const key = addresses[0]!.cdn ? await cdnKey(deps, hold, addresses) : await joinedKey(deps, hold, addresses);
  hold.save({ ...hold.session, keys: { ...hold.session.keys, [dcId]: key.toString('hex') } });
  log.info({ dc: dcId }, 'key granted');
}

/** Asks Telegram again for the address of an unknown data centre. */
async function addressesOf({ account }: Deps, hold: Hold, dcId: number): Promise<Address[]> {
  const find = (all: readonly Address[]) => {
    const found = mainAddresses(all, dcId);
    return found.length > 0 ? found : cdnAddresses(all, dcId);
  };
  const known = find(hold.session.addresses);
  if (known.length > 0) return known;
  const addresses = advertised(await account.callBy(hold, new Api.help.GetConfig()));
  const found = find(addresses);
  if (found.length === 0) throw new Error(`Telegram lists no address for data centre ${dcId}`);
  hold.save({ ...hold.session, addresses });
  return found;
}

/** Makes a key authorised for our login. */
async function joinedKey({ account, config }: Deps, hold: Hold, addresses: readonly Address[]): Promise<Buffer> {
  const exported = await account.callBy(hold, new Api.auth.ExportAuthorization({ dcId: addresses[0]!.dcId }));
  const how = { key: undefined, ...reachOf(config), guard: hold.guard };
  const connection = await hold.reach.open(addresses, (address) => TelegramConnection.open({ address, ...how }));
  try {
    await connection.call(new Api.auth.ImportAuthorization({ id: exported.id, bytes: exported.bytes }));
    return connection.key;
  } finally {
    await connection.close();
  }
}

/** Makes an anonymous key with a CDN, which proves itself by the RSA keys that Telegram lists. */
async function cdnKey({ account, config }: Deps, hold: Hold, addresses: readonly Address[]): Promise<Buffer> {
  const { dcId } = addresses[0]!;
  const { publicKeys } = await account.callBy(hold, new Api.help.GetCdnConfig());
  const trusted = publicKeys.filter((it) => it.dcId === dcId).map((it) => it.publicKey);
  if (trusted.length === 0) throw new Error(`Telegram lists no RSA key for CDN data centre ${dcId}`);
  const how = { key: undefined, trusted, ...reachOf(config), guard: hold.guard };
  const connection = await hold.reach.open(addresses, (address) => TelegramConnection.open({ address, ...how }));
  await connection.close();
  return connection.key;
}
