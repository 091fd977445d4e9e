/**
 * cast.ts: the chats of a generated world: one of every kind, with pleasant titles.
 */
import type { Chat } from '../chat.js';
import type { PhotoFile } from '../media-file.js';
import { friend, say, type Kit } from './kit.js';

/** The chats by role. */
export interface Cast {
  readonly private: readonly Chat[];
  readonly family: Chat;
  /** A basic group that becomes a supergroup later in the story. */
  readonly football: Chat;
  readonly club: Chat;
  readonly forum: Chat;
  readonly board: Chat;
  readonly talk: Chat;
  readonly cats: Chat;
  readonly recipes: Chat;
  readonly radio: Chat;
  readonly garden: Chat;
  readonly empty: Chat;
  /** The chat for odd content; absent in a pleasant world. */
  readonly odd: Chat | undefined;
  /** The additional channels, as many as requested. */
  readonly more: readonly Chat[];
}

function chatPhoto(kit: Kit): PhotoFile {
  return kit.files.photo('usual', 30_000, {
    sizes: [
      { form: 'size', type: 'a', w: 160, h: 160, size: 5_000 },
      { form: 'size', type: 'c', w: 640, h: 640, size: 30_000 },
    ],
  });
}

/** The first message of a channel or supergroup. */
function created(kit: Kit, chat: Chat): Chat {
  say(kit, chat, { action: { _: 'messageActionChannelCreate', title: chat.title } });
  return chat;
}

function forumWithTopics(kit: Kit): Chat {
  const { world, people } = kit;
  const forum = created(kit, world.addSupergroup({ title: 'Makers’ Forum', forum: true, members: people.friends }));
  forum.topics.push({ id: 1, title: 'General', from: people.self.id, date: forum.date });
  for (const title of ['Woodwork', 'Electronics', 'Show and tell']) {
    const from = friend(kit);
    const action = { _: 'messageActionTopicCreate', title, icon_color: 0x6fb9f0 };
    const { id, date } = say(kit, forum, { from, action });
    forum.topics.push({ id, title, from: from.id, date });
  }
  const topic = forum.topics[2]?.id ?? 1;
  const action = { _: 'messageActionTopicEdit', title: 'Electronics and code', closed: false, hidden: false };
  say(kit, forum, { action, replyTo: { id: topic, forumTopic: true } });
  return forum;
}

function familyGroup(kit: Kit): Chat {
  const { world, people } = kit;
  const members = people.friends.slice(0, 4);
  const family = world.addGroup({ title: 'Family', members, photo: chatPhoto(kit), pinned: 2 });
  const users = [people.self, ...members].map((it) => it.bareId);
  say(kit, family, { from: people.self, action: { _: 'messageActionChatCreate', title: 'Family', users } });
  return family;
}

function footballGroup(kit: Kit): Chat {
  const { world, people } = kit;
  const members = people.friends.slice(3, 9);
  const group = world.addGroup({ title: 'Sunday Football', members, creator: true });
  const users = members.map((it) => it.bareId);
  say(kit, group, { from: people.self, action: { _: 'messageActionChatCreate', title: 'Sunday Football', users } });
  return group;
}

/** A channel with a discussion group, where every post is repeated and gets its comments. */
function recipesWithTalk(kit: Kit): { recipes: Chat; talk: Chat } {
  const { world, people } = kit;
  const recipes = created(
    kit,
    world.addChannel({ title: 'Daily Recipes', username: 'daily_recipes', signatures: true }),
  );
  const talk = created(kit, world.addSupergroup({ title: 'Recipe Talk', members: people.friends }));
  recipes.linked = talk;
  talk.linked = recipes;
  for (const dish of ['Pumpkin soup with ginger', 'Bread without kneading', 'Plum cake']) {
    const photo = kit.files.photo();
    const next = talk.nextId;
    const replies = {
      _: 'messageReplies',
      comments: true,
      replies: 1,
      replies_pts: 2,
      channel_id: talk.bareId,
      max_id: next + 1,
    };
    const post = say(kit, recipes, { text: dish, photo, views: 900, postAuthor: 'Greta', fields: { replies } });
    const forward = { from: recipes, date: post.date, channelPost: post.id, savedFrom: recipes, savedFromId: post.id };
    const top = say(kit, talk, {
      from: recipes,
      text: dish,
      photo,
      forward,
      pinned: true,
      fields: { replies: { ...replies, comments: undefined, channel_id: undefined } },
    });
    say(kit, talk, { from: friend(kit), text: 'Tried it, delicious', replyTo: top.id });
  }
  // A channel and an anonymous admin post in the group.
  say(kit, talk, { from: talk, text: 'Please stay on topic', postAuthor: 'admin' });
  say(kit, talk, { from: world.chat('World News Wire'), text: 'We also have a cooking page' });
  return { recipes, talk };
}

function secretGarden(kit: Kit): Chat {
  const garden = created(kit, kit.world.addChannel({ title: 'Secret Garden' }));
  for (const text of ['The gate is open', 'Bring a lamp', 'Nobody may know'])
    say(kit, garden, { text, photo: kit.files.photo() });
  garden.removed = true;
  return garden;
}

/** Makes all chats, with the messages from their creation. */
export function makeCast(kit: Kit, more: number, pleasant: boolean): Cast {
  const { world, people } = kit;
  const members = people.friends;
  const wire = world.addChannel({ title: 'World News Wire', username: 'world_news_wire', left: true });
  for (let index = 0; index < 4; index += 1) say(kit, wire, { text: `Headline ${index + 1}`, views: 50_000 });
  const garden = secretGarden(kit);
  const cats = created(
    kit,
    world.addChannel({
      title: 'Cat Pictures',
      username: 'cat_pictures',
      photo: chatPhoto(kit),
      about: 'One cat a day.',
      pinned: 1,
    }),
  );
  return {
    private: [
      ...people.friends.slice(0, 3),
      people.bot,
      people.self,
      ...(pleasant ? [] : [people.huge, people.deleted]),
    ],
    family: familyGroup(kit),
    football: footballGroup(kit),
    club: created(
      kit,
      world.addSupergroup({ title: 'Photography Club', username: 'photo_club', members, photo: chatPhoto(kit) }),
    ),
    forum: forumWithTopics(kit),
    board: created(kit, world.addSupergroup({ title: 'House Board', members: members.slice(0, 5), noforwards: true })),
    ...recipesWithTalk(kit),
    cats,
    radio: created(kit, world.addChannel({ title: 'Old Radio Shows', archived: true, noforwards: true })),
    garden,
    empty: world.addChannel({ title: 'Nothing Yet', archived: true }),
    odd: pleasant
      ? undefined
      : created(kit, world.addChannel({ title: 'Odd / Things: <b>..</b> \u202e"*"', signatures: true })),
    more: Array.from({ length: more }, (_, index) =>
      created(kit, world.addChannel({ title: `Notebook ${index + 1}` })),
    ),
  };
}

/** A reply that puts a message of this chat into one of its topics. */
export const topicReply = (kit: Kit, chat: Chat): { id: number; forumTopic: true } | undefined => {
  const topic = chat.options.forum ? kit.random.pick(chat.topics) : undefined;
  return topic && topic.id !== 1 ? { id: topic.id, forumTopic: true } : undefined;
};
