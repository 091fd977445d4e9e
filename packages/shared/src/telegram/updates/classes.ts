/**
 * classes.ts: where each constructor of `Update` belongs: to a box, whose numbers order its updates, or to none. Explicit for every one of
 * the schema, as having a field `pts` does not mean that an update is in a box. Pure.
 */

/**
 * `common`: the account's own box, by pts. `channel`: the box of a channel, by pts. `secret`: by qts, and nothing that we keep. `bot`: for bots
 * only. `control`: tells what to ask for. `immediate`: in no order, applied at once. `sequenced`: in the order of the containers' seq.
 */
export type UpdateClass = 'common' | 'channel' | 'secret' | 'bot' | 'control' | 'immediate' | 'sequenced';

/** Names without their common beginning, `Update`. */
const named: Record<UpdateClass, string> = {
  common: `NewMessage EditMessage DeleteMessages ReadMessagesContents ReadHistoryInbox ReadHistoryOutbox WebPage PinnedMessages FolderPeers`,
  channel: `NewChannelMessage EditChannelMessage DeleteChannelMessages PinnedChannelMessages ChannelWebPage`,
  secret: `NewEncryptedMessage`,
  bot: `BotCallbackQuery BotChatBoost BotChatInviteRequester BotCommands BotDeleteBusinessMessage BotEditBusinessMessage BotGuestChatQuery
    BotInlineQuery BotInlineSend BotMenuButton BotMessageReaction BotMessageReactions BotNewBusinessMessage BotPrecheckoutQuery
    BotPurchasedPaidMedia BotShippingQuery BotStopped BotWebhookJSON BotWebhookJSONQuery BotBusinessConnect BusinessBotCallbackQuery
    ChannelParticipant ChatParticipant InlineBotCallbackQuery ManagedBot MessagePollVote`,
  control: `ChannelTooLong PtsChanged`,
  immediate: `ChannelUserTyping ChatUserTyping Config DcOptions EncryptedChatTyping LangPack LangPackTooLong LoginToken SentPhoneCode
    ServiceNotification UserTyping`,
  sequenced: `AiComposeTones AttachMenuBots AutoSaveSettings Channel ChannelAvailableMessages ChannelPinnedTopic ChannelPinnedTopics ChannelMessageForwards ChannelMessageViews
    ChannelReadMessagesContents ChannelViewForumAsMessages Chat ChatDefaultBannedRights ChatParticipantAdd ChatParticipantAdmin
    ChatParticipantDelete ChatParticipantRank ChatParticipants ContactsReset DeleteGroupCallMessages DeleteQuickReply
    DeleteQuickReplyMessages DeleteScheduledMessages DialogFilter DialogFilterOrder DialogFilters DialogPinned DialogUnreadMark
    DraftMessage EmojiGameInfo Encryption EncryptedMessagesRead FavedStickers GeoLiveViewed GroupCall GroupCallChainBlocks
    GroupCallConnection GroupCallEncryptedMessage GroupCallMessage GroupCallParticipants JoinChatWebViewDecision MessageExtendedMedia
    MessageID MessagePoll MessageReactions MonoForumNoPaidException MoveStickerSetToTop NewAuthorization NewBotConnection NewQuickReply
    NewScheduledMessage NewStickerSet NewStoryReaction NotifySettings PaidReactionPrivacy PeerBlocked PeerHistoryTTL PeerLocated
    PeerSettings PeerWallpaper PendingJoinRequests PhoneCall PhoneCallSignalingData PinnedDialogs PinnedForumTopic PinnedForumTopics
    PinnedSavedDialogs Privacy QuickReplies QuickReplyMessage ReadChannelDiscussionInbox ReadChannelDiscussionOutbox ReadChannelInbox
    ReadChannelOutbox ReadFeaturedEmojiStickers ReadFeaturedStickers ReadMonoForumInbox ReadMonoForumOutbox ReadStories
    RecentEmojiStatuses RecentReactions RecentStickers SavedDialogPinned SavedGifs SavedReactionTags SavedRingtones SentStoryReaction
    SmsJob StarGiftAuctionState StarGiftAuctionUserState StarGiftCraftFail StarsBalance StarsRevenueStatus StickerSets StickerSetsOrder
    StoriesStealthMode Story StoryID Theme TranscribedAudio User UserEmojiStatus UserName UserPhone UserStatus WebBrowserException
    WebBrowserSettings WebViewResultSent`,
};

const classes = new Map<string, UpdateClass>();
for (const [kind, names] of Object.entries(named) as [UpdateClass, string][])
  for (const name of names.split(/\s+/)) classes.set(`Update${name}`, kind);

/** The class of a constructor, such as `UpdateNewMessage`; undefined: no constructor of `Update` that is known. */
export function classOf(constructor: string): UpdateClass | undefined {
  return classes.get(constructor);
}

/** The constructors that have a class. */
export const classified: ReadonlySet<string> = new Set(classes.keys());
