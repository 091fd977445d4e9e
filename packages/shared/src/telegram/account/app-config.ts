/** app-config.ts: what we use of `help.getAppConfig`, a JSON object with Telegram's wishes for its clients (core.telegram.org/api/config). */
import { Api } from '../wire/gramjs.js';

/** More than that is no limit, and less than one would stop everything. */
const most = 100;

/** How many small and large files may be read at once from a data centre; undefined if it does not say. */
export function downloadLimits(answer: Api.help.TypeAppConfig): { small: number; large: number } | undefined {
  const [small, large] = ['small', 'large'].map((it) => numberIn(answer, `${it}_queue_max_active_operations_count`));
  return small === undefined || large === undefined ? undefined : { small, large };
}

function numberIn(answer: Api.help.TypeAppConfig, key: string): number | undefined {
  if (!(answer instanceof Api.help.AppConfig) || !(answer.config instanceof Api.JsonObject)) return undefined;
  const value = answer.config.value.find((it) => it.key === key)?.value;
  if (!(value instanceof Api.JsonNumber) || !(value.value >= 1)) return undefined;
  return Math.min(Math.floor(value.value), most);
}
