/**
 * user.ts: a person or bot, and how the server shows them.
 */
import type { TlObject } from '../tl/value.js';
import type { AccessHash } from './access-hash.js';
import type { PhotoFile } from './media-file.js';

/** What a test says of a user; everything but the id has a default. */
export interface NewUser {
  /** The name in the list of chats; split at the first blank into first and last name. */
  readonly title?: string;
  readonly id?: bigint;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly username?: string;
  readonly phone?: string;
  readonly bot?: boolean;
  readonly contact?: boolean;
  /** A deleted account: no name, no phone. */
  readonly deleted?: boolean;
  readonly photo?: PhotoFile;
  readonly about?: string;
  /** Any further field of `user`, by its name in the schema. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** A user of the world. */
export class User {
  readonly firstName: string | undefined;
  readonly lastName: string | undefined;
  username: string | undefined;

  constructor(
    readonly id: bigint,
    readonly hash: AccessHash,
    readonly told: NewUser,
    readonly self: boolean,
  ) {
    this.username = told.username;
    const [first, ...rest] = (told.title ?? '').split(' ');
    this.firstName = told.deleted ? undefined : (told.firstName ?? (first || 'User'));
    this.lastName = told.deleted ? undefined : (told.lastName ?? (rest.join(' ') || undefined));
  }

  /** By which the account names them now. */
  get accessHash(): bigint {
    return this.hash.current;
  }

  /** First and last name, as a client joins them. */
  get title(): string {
    return [this.firstName, this.lastName].filter((it) => it !== undefined).join(' ');
  }

  toTl(): TlObject {
    const { told } = this;
    return {
      _: 'user',
      self: this.self || undefined,
      contact: told.contact || this.self || undefined,
      mutual_contact: told.contact || this.self || undefined,
      deleted: told.deleted || undefined,
      bot: told.bot || undefined,
      bot_info_version: told.bot ? 1 : undefined,
      id: this.id,
      access_hash: this.accessHash,
      first_name: this.firstName,
      last_name: this.lastName,
      username: this.username,
      phone: told.phone,
      photo: told.photo && { _: 'userProfilePhoto', photo_id: told.photo.id, dc_id: told.photo.dc },
      status: told.bot || told.deleted ? undefined : { _: 'userStatusRecently' },
      ...told.fields,
    };
  }
}
