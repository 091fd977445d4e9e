/**
 * people.ts: who lives in a generated world, including accounts that break careless clients.
 */
import type { Chat } from '../chat.js';
import type { World } from '../world.js';

/** The people by role. */
export interface People {
  readonly friends: readonly Chat[];
  readonly bot: Chat;
  readonly deleted: Chat;
  /** The highest id that a user can have (core.telegram.org/api/bots/ids), and a name with control characters. */
  readonly huge: Chat;
  readonly self: Chat;
}

const FRIENDS = [
  'Alice Winter',
  'Bruno Keller',
  'Chiara Rossi',
  'Daniel Okafor',
  'Emre Yıldız',
  'Fatima Haddad',
  'Greta Lindqvist',
  'Hiro Tanaka',
  'Inês Moreira',
  'Jonas Meyer',
];

/** Adds the people; a private chat is listed once it has a message. */
export function addPeople(world: World): People {
  const photo = (dc: number): ReturnType<World['addPhoto']> =>
    world.addPhoto({
      dc,
      sizes: [
        { form: 'size', type: 'a', w: 160, h: 160, size: 4_200 },
        { form: 'size', type: 'c', w: 640, h: 640, size: 31_000 },
      ],
    });
  const friends = FRIENDS.map((title, index) =>
    world.addUser({
      title,
      contact: index < 6,
      ...(index % 2 === 0 && {
        username: `${title.split(' ')[0]?.toLowerCase().normalize('NFKD').replace(/\W/g, '')}_${index}`,
      }),
      ...(index < 4 && { phone: `1555010${100 + index}`, photo: photo(1 + (index % 4)) }),
      about: 'Likes long walks and short messages.',
    }),
  );
  return {
    friends,
    bot: world.addUser({
      title: 'Weather Bot',
      bot: true,
      username: 'garden_weather_bot',
      about: 'Says when to water.',
    }),
    deleted: world.addUser({ deleted: true }),
    huge: world.addUser({ id: 0xff_ffff_ffffn, firstName: 'N\u0000ull 🐙', lastName: '\u202eesreveR/..' }),
    self: world.chat(world.account.userId),
  };
}
