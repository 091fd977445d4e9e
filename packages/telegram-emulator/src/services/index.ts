/**
 * index.ts: all services as one table. Two services with the same method are an error, reported at start.
 */
import type { CdnFiles } from '../cdn-files.js';
import type { Address } from '../data-centres.js';
import type { Service } from '../service.js';
import { accountService } from './account.js';
import { authService } from './auth.js';
import { cdnService } from './cdn.js';
import { channelsService } from './channels.js';
import { dialogsService } from './dialogs.js';
import { helpService } from './help.js';
import { loginEmailService } from './login-email.js';
import { type LoginTokenDeps, loginTokenService } from './login-token.js';
import { messageStatesService } from './message-states.js';
import { messagesService } from './messages.js';
import type { Passwords } from './passwords.js';
import { SentCodes } from './sent-codes.js';
import { updatesService } from './updates.js';
import { uploadService } from './upload.js';
import { type TemporaryKeyDeps, temporaryKeyService } from './temporary-key.js';
import { usersService } from './users.js';

interface Deps extends LoginTokenDeps, TemporaryKeyDeps {
  readonly addresses: () => readonly Address[];
  readonly cdn: CdnFiles;
  readonly passwords: Passwords;
  /** The CDN's public RSA key. */
  readonly cdnKey: string;
}

/** Every method that the emulator knows. */
export function allServices(deps: Deps): Service {
  const { world, logins, addresses, cdn, cdnKey, passwords } = deps;
  const codes = new SentCodes(world.account);
  return joinServices([
    authService({ world, logins, passwords, codes }),
    loginEmailService(world.account, codes),
    loginTokenService(deps),
    accountService({ logins, passwords }),
    helpService(addresses, cdnKey),
    channelsService(world),
    dialogsService(world),
    messagesService(world),
    messageStatesService(world),
    temporaryKeyService(deps),
    updatesService(world),
    uploadService(world, cdn),
    cdnService(cdn),
    usersService(world),
  ]);
}

/** Joins services into one table of methods. Throws if two of them have the same method. */
export function joinServices(services: readonly Service[]): Service {
  const joined: Record<string, Service[string]> = {};
  for (const service of services) {
    for (const [method, handler] of Object.entries(service)) {
      if (Object.hasOwn(joined, method)) throw new Error(`two services answer ${method}`);
      joined[method] = handler;
    }
  }
  return joined;
}
