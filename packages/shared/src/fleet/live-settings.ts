/** live-settings.ts: the settings currently in force, for an app that keeps running while config.json is edited. */
import type { Logger, Scope } from '../app/index.js';
import { type Config, type Settings, settingsOf } from '../config/index.js';
import { type Db, followSettings, readSettings } from '../db/index.js';

export interface LiveSettings {
  readonly now: Settings;
  /** Calls the listener with the settings, now and whenever they change. Only one listener. */
  watch(onSettings: (settings: Settings) => void): void;
}

/** The settings that the scheduler recorded last, or config.json's before it recorded any. The log follows them. */
export async function liveSettings(
  scope: Scope,
  { db, config, log }: { db: Db; config: Config; log: Logger },
): Promise<LiveSettings> {
  let now = (await readSettings(db)) ?? settingsOf(config);
  let notify: (settings: Settings) => void = () => {};
  const follow = (settings: Settings) => {
    if (JSON.stringify(settings) === JSON.stringify(now)) return;
    now = settings;
    log.level = now.logLevel;
    log.info('settings from config.json have changed');
    notify(now);
  };
  scope.use(followSettings(db, follow), (it) => it());
  return {
    get now() {
      return now;
    },
    watch(onSettings) {
      notify = onSettings;
      notify(now);
    },
  };
}
