/**
 * user.ts: a person or bot, and how the server shows them.
 */
import type { TlObject } from '../tl/value.js';
import type { AccessHash } from './access-hash.js';
import type { PhotoFile } from './media-file.js';

/** Options for a user; everything but the id has a default. */
export interface NewUser {
  /** The name in the list of chats; split at the first space into first and last name. */
  readonly title?: string;
  readonly id?: bigint;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly username?: string;
  readonly phone?: string;
  readonly bot?: boolean;
  readonly contact?: boolean;
  /** Whether it is a deleted account, without name and phone. */
  readonly deleted?: boolean;
  readonly photo?: PhotoFile;
  readonly about?: string;
  /** Any other field of `user`, by its name in the schema. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** A user of the world. */
export class User {
  firstName: string | undefined;
  lastName: string | undefined;
  username: string | undefined;

  constructor(
    readonly id: bigint,
    readonly hash: AccessHash,
    readonly options: NewUser,
    readonly self: boolean,
  ) {
    this.username = options.username;
    const [first, ...rest] = (options.title ?? '').split(' ');
    this.firstName = options.deleted ? undefined : (options.firstName ?? (first || 'User'));
    this.lastName = options.deleted ? undefined : (options.lastName ?? (rest.join(' ') || undefined));
  }

  /** Their current access hash. */
  get accessHash(): bigint {
    return this.hash.current;
  }

  /** First and last name, joined as clients do. */
  get title(): string {
    return [this.firstName, this.lastName].filter((it) => it !== undefined).join(' ');
  }

  /** Gives them other names; what is left out, they have no longer. */
  rename({ firstName, lastName, username }: Pick<NewUser, 'firstName' | 'lastName' | 'username'>): void {
    [this.firstName, this.lastName, this.username] = [firstName, lastName, username];
  }

  toTl(): TlObject {
    const { options } = this;
    return {
      _: 'user',
      self: this.self || undefined,
      contact: options.contact || this.self || undefined,
      mutual_contact: options.contact || this.self || undefined,
      deleted: options.deleted || undefined,
      bot: options.bot || undefined,
      bot_info_version: options.bot ? 1 : undefined,
      id: this.id,
      access_hash: this.accessHash,
      first_name: this.firstName,
      last_name: this.lastName,
      username: this.username,
      phone: options.phone,
      photo: options.photo && { _: 'userProfilePhoto', photo_id: options.photo.id, dc_id: options.photo.dc },
      status: options.bot || options.deleted ? undefined : { _: 'userStatusRecently' },
      ...options.fields,
    };
  }
}
