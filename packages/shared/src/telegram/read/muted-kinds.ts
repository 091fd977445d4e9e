/** muted-kinds.ts: whether chats without a notification setting of their own are muted, by kind (core.telegram.org/api/peer-settings). */
import { Api } from '../wire/gramjs.js';
import type { Caller } from '../wire/connection.js';

export interface MutedKinds {
  users: boolean;
  groups: boolean;
  channels: boolean;
}

export async function getMutedKinds(caller: Caller, signal?: AbortSignal): Promise<MutedKinds> {
  const now = Date.now() / 1000;
  const isMuted = async (peer: Api.TypeInputNotifyPeer) => {
    const { muteUntil } = await caller.call(new Api.account.GetNotifySettings({ peer }), { signal });
    return (muteUntil ?? 0) > now;
  };
  return {
    users: await isMuted(new Api.InputNotifyUsers()),
    groups: await isMuted(new Api.InputNotifyChats()),
    channels: await isMuted(new Api.InputNotifyBroadcasts()),
  };
}
