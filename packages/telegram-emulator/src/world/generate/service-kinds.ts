/**
 * service-kinds.ts: a service message for every action that an account can see in this layer.
 * Those that only bots receive are left out; creating and migrating a group is part of the chats themselves.
 */
import type { TlObject } from '../../tl/value.js';
import { friend, peer, plain, type Kinds, type Kit } from './kit.js';

const act = (action: TlObject): { action: TlObject } => ({ action });
export const call: TlObject = { _: 'inputGroupCall', id: 6_917_529_027_641_081_999n, access_hash: -12n };

function wallPaper(kit: Kit): TlObject {
  return {
    _: 'wallPaper',
    id: kit.random.id64(),
    access_hash: 8n,
    slug: 'leaves',
    document: kit.files.document('image as a file'),
  };
}

export function gift(kit: Kit): TlObject {
  const sticker = kit.files.document('animated sticker');
  return { _: 'starGift', id: kit.random.id64(), sticker, stars: 25n, convert_stars: 20n };
}

/** In groups and supergroups. */
export const GROUP_ACTIONS: Kinds = {
  'new title': () => act({ _: 'messageActionChatEditTitle', title: 'A new title' }),
  'new photo': (kit) => act({ _: 'messageActionChatEditPhoto', photo: kit.files.photo('with video sizes', 40_000) }),
  'photo removed': () => act({ _: 'messageActionChatDeletePhoto' }),
  'members added': (kit) =>
    act({ _: 'messageActionChatAddUser', users: kit.people.friends.slice(2, 5).map((it) => it.bareId) }),
  'member gone': (kit) => act({ _: 'messageActionChatDeleteUser', user_id: friend(kit).bareId }),
  'joined by link': (kit) => act({ _: 'messageActionChatJoinedByLink', inviter_id: friend(kit).bareId }),
  'joined by request': () => act({ _: 'messageActionChatJoinedByRequest' }),
  pinned: (_, chat) => ({ ...act({ _: 'messageActionPinMessage' }), replyTo: chat.store.topId }),
  'history cleared': () => act({ _: 'messageActionHistoryClear' }),
  'game score': (kit, chat) => ({
    ...act({ _: 'messageActionGameScore', game_id: kit.random.id64(), score: 420 }),
    replyTo: chat.store.topId,
  }),
  'call started': () => act({ _: 'messageActionGroupCall', call }),
  'call ended': () => act({ _: 'messageActionGroupCall', call, duration: 900 }),
  'call invitation': (kit) => act({ _: 'messageActionInviteToGroupCall', call, users: [friend(kit).bareId] }),
  'call planned': () => act({ _: 'messageActionGroupCallScheduled', call, schedule_date: 1_735_689_600 }),
  proximity: (kit) =>
    act({
      _: 'messageActionGeoProximityReached',
      from_id: peer(friend(kit)),
      to_id: peer(kit.people.self),
      distance: 80,
    }),
  'self-destruction': (kit) =>
    act({ _: 'messageActionSetMessagesTTL', period: 86_400, auto_setting_from: kit.people.self.bareId }),
  boost: () => act({ _: 'messageActionBoostApply', boosts: 2 }),
  'custom action': () => act({ _: 'messageActionCustomAction', message: 'Something happened' }),
  'no action': () => act({ _: 'messageActionEmpty' }),
};

/** In channels. */
export const CHANNEL_ACTIONS: Kinds = {
  'new photo': (kit) => act({ _: 'messageActionChatEditPhoto', photo: kit.files.photo('usual', 30_000) }),
  pinned: (_, chat) => ({ ...act({ _: 'messageActionPinMessage' }), replyTo: chat.store.topId }),
  'giveaway launch': () => act({ _: 'messageActionGiveawayLaunch', stars: 500n }),
  'giveaway results': () => act({ _: 'messageActionGiveawayResults', winners_count: 3, unclaimed_count: 1 }),
  'self-destruction': () => act({ _: 'messageActionSetMessagesTTL', period: 604_800 }),
};

/** In private chats, with people and with bots. */
export const PRIVATE_ACTIONS: Kinds = {
  'signed up': () => act({ _: 'messageActionContactSignUp' }),
  'missed call': (kit) =>
    act({ _: 'messageActionPhoneCall', call_id: kit.random.id64(), reason: { _: 'phoneCallDiscardReasonMissed' } }),
  'video call': (kit) =>
    act({
      _: 'messageActionPhoneCall',
      video: true,
      call_id: kit.random.id64(),
      reason: { _: 'phoneCallDiscardReasonHangup' },
      duration: 61,
    }),
  screenshot: () => act({ _: 'messageActionScreenshotTaken' }),
  theme: () => act({ _: 'messageActionSetChatTheme', emoticon: '🌻', theme: { _: 'chatTheme', emoticon: '🌻' } }),
  wallpaper: (kit) => act({ _: 'messageActionSetChatWallPaper', for_both: true, wallpaper: wallPaper(kit) }),
  'suggested photo': (kit) => act({ _: 'messageActionSuggestProfilePhoto', photo: kit.files.photo('usual', 30_000) }),
  'premium gift': () =>
    act({
      _: 'messageActionGiftPremium',
      currency: 'EUR',
      amount: 1_199n,
      months: 3,
      days: 90,
      message: plain('Happy birthday'),
    }),
  'gift code': (kit) =>
    act({
      _: 'messageActionGiftCode',
      via_giveaway: true,
      boost_peer: peer(kit.world.chat('Cat Pictures')),
      months: 3,
      days: 90,
      slug: 'abc',
    }),
  'stars gift': () =>
    act({ _: 'messageActionGiftStars', currency: 'XTR', amount: 1n, stars: 100n, transaction_id: 't1' }),
  'stars won': (kit) =>
    act({
      _: 'messageActionPrizeStars',
      stars: 100n,
      transaction_id: 't2',
      boost_peer: peer(kit.world.chat('Cat Pictures')),
      giveaway_msg_id: 3,
    }),
  'star gift': (kit) =>
    act({ _: 'messageActionStarGift', gift: gift(kit), message: plain('For you'), convert_stars: 20n }),
  'payment sent': () =>
    act({ _: 'messageActionPaymentSent', currency: 'EUR', total_amount: 2_400n, invoice_slug: 'fee' }),
  'payment returned': (kit) =>
    act({
      _: 'messageActionPaymentRefunded',
      peer: peer(kit.people.bot),
      currency: 'XTR',
      total_amount: 5n,
      charge: { _: 'paymentCharge', id: 'c1', provider_charge_id: '' },
    }),
  'bot allowed': () => act({ _: 'messageActionBotAllowed', domain: 'example.org', attach_menu: true }),
  'passport sent': () => act({ _: 'messageActionSecureValuesSent', types: [{ _: 'secureValueTypePassport' }] }),
  'web view data': () => act({ _: 'messageActionWebViewDataSent', text: 'Done' }),
  'peer shared': (kit) => act({ _: 'messageActionRequestedPeer', button_id: 1, peers: [peer(friend(kit))] }),
};
