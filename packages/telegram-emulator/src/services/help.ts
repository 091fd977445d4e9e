/**
 * help.ts: what the server says about itself: addresses, limits, the nearest data centre.
 */
import { type Address, CDN_DC, ENTRY_DC } from '../data-centres.js';
import { RpcError, type Service } from '../service.js';
import type { TlObject } from '../tl/value.js';
import { type WireCall, wireService } from '../wire-call.js';

/** The limits that clients look up in `help.getAppConfig`. */
const APP_CONFIG: Readonly<Record<string, number | boolean | string>> = {
  small_queue_max_active_operations_count: 5,
  large_queue_max_active_operations_count: 2,
  upload_max_fileparts_default: 4000,
  upload_max_fileparts_premium: 8000,
  caption_length_limit_default: 1024,
  dialogs_pinned_limit_default: 5,
  channels_limit_default: 500,
  channels_public_limit_default: 10,
  saved_gifs_limit_default: 200,
  reactions_in_chat_max: 100,
  premium_purchase_blocked: true,
  restriction_add_platforms: '',
};
const APP_CONFIG_HASH = 1;

function json(value: number | boolean | string): TlObject {
  if (typeof value === 'number') return { _: 'jsonNumber', value };
  return { _: typeof value === 'boolean' ? 'jsonBool' : 'jsonString', value };
}

function appConfig({ query }: WireCall): TlObject {
  if (query['hash'] === APP_CONFIG_HASH) return { _: 'help.appConfigNotModified' };
  const value = Object.entries(APP_CONFIG).map(([key, it]) => ({ _: 'jsonObjectValue', key, value: json(it) }));
  return { _: 'help.appConfig', hash: APP_CONFIG_HASH, config: { _: 'jsonObject', value } };
}

export function helpService(addresses: () => readonly Address[], cdnKey: string): Service {
  function getConfig({ dc }: WireCall): TlObject {
    const date = Math.floor(Date.now() / 1000);
    return {
      _: 'config',
      ...LIMITS,
      date,
      expires: date + 3600,
      test_mode: false,
      this_dc: dc,
      dc_options: addresses().map((it) => ({
        _: 'dcOption',
        ipv6: it.ipv6,
        media_only: it.mediaOnly,
        cdn: it.dc === CDN_DC,
        id: it.dc,
        ip_address: it.host,
        port: it.port,
      })),
    };
  }

  return wireService({
    'help.getConfig': getConfig,
    'help.getAppConfig': appConfig,
    'help.getNearestDc': ({ dc }) => ({ _: 'nearestDc', country: 'NL', this_dc: dc, nearest_dc: ENTRY_DC }),
    'help.getCdnConfig': () => ({
      _: 'cdnConfig',
      public_keys: [{ _: 'cdnPublicKey', dc_id: CDN_DC, public_key: cdnKey }],
    }),
    'help.getTermsOfServiceUpdate': ({ login }) => {
      if (!login) throw new RpcError(401, 'AUTH_KEY_UNREGISTERED');
      return { _: 'help.termsOfServiceUpdateEmpty', expires: Math.floor(Date.now() / 1000) + 3600 };
    },
  });
}

/** Fields of `config` that do not depend on this server. */
const LIMITS = {
  dc_txt_domain_name: 'emulator.invalid',
  chat_size_max: 200,
  megagroup_size_max: 200_000,
  forwarded_count_max: 100,
  online_update_period_ms: 210_000,
  offline_blur_timeout_ms: 5_000,
  offline_idle_timeout_ms: 30_000,
  online_cloud_timeout_ms: 300_000,
  notify_cloud_delay_ms: 30_000,
  notify_default_delay_ms: 1_500,
  push_chat_period_ms: 60_000,
  push_chat_limit: 2,
  edit_time_limit: 172_800,
  revoke_time_limit: 2_147_483_647,
  revoke_pm_time_limit: 2_147_483_647,
  rating_e_decay: 2_419_200,
  stickers_recent_limit: 200,
  channels_read_media_period: 604_800,
  call_receive_timeout_ms: 20_000,
  call_ring_timeout_ms: 90_000,
  call_connect_timeout_ms: 30_000,
  call_packet_timeout_ms: 10_000,
  me_url_prefix: 'https://t.me/',
  caption_length_max: 1024,
  message_length_max: 4096,
  webfile_dc_id: 4,
} as const;
