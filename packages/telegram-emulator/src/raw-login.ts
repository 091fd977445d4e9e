/**
 * raw-login.ts: logs a raw client in, for the emulator's own tests.
 */
import { RawClient, type Where } from './raw-client.js';
import type { Emulator } from './server.js';
import type { TlObject } from './tl/value.js';

/** Asks for a code; returns the answer or the error. */
export const sendCode = (client: RawClient, phone_number: string): Promise<TlObject> =>
  client.call({ _: 'auth.sendCode', phone_number, api_id: 1, api_hash: 'hash', settings: { _: 'codeSettings' } });

/** A client that is logged in at the account's home data centre. */
export async function login(emulator: Emulator, where: Where = {}): Promise<RawClient> {
  const { phone, code, homeDc } = emulator.world.account;
  const client = await RawClient.withKey(emulator, { dc: homeDc, ...where });
  const { phone_code_hash } = await sendCode(client, phone);
  const answer = await client.call({ _: 'auth.signIn', phone_number: phone, phone_code_hash, phone_code: code });
  if (answer._ !== 'auth.authorization') throw new Error(JSON.stringify(answer));
  return client;
}
