/**
 * original-names.ts: settings as later versions of the original tool (Python) write them, translated before anything is checked, so that
 * its config.json runs unchanged. The folders download.media and download.incomplete keep their names: see folders.ts. Pure.
 */

type Path = readonly PropertyKey[];
type Section = Record<string, unknown>;

/** Settings with another name here: section and key, theirs and ours. */
export const renamedSettings = [
  { theirs: ['download', 'concurrent'], ours: ['tg', 'concurrent_downloads'] },
  { theirs: ['download', 'timeout'], ours: ['download', 'request_timeout'] },
  { theirs: ['download', 'summary_interval'], ours: ['tg', 'progress_summary_interval'] },
] as const;

type Renamed = (typeof renamedSettings)[number];

/** The levels of Python's loguru, and ours. */
export const originalLevels: ReadonlyMap<unknown, string> = new Map([
  ['TRACE', 'trace'],
  ['DEBUG', 'debug'],
  ['INFO', 'info'],
  ['SUCCESS', 'info'],
  ['WARNING', 'warn'],
  ['ERROR', 'error'],
  ['CRITICAL', 'fatal'],
]);

export interface Translated {
  value: unknown;
  /** One line for each setting that is given under both names. */
  problems: string[];
  /** The path that the person wrote, of a path in `value`. */
  asWritten(path: Path): Path;
}

/** Translates the names and forms of the original tool; everything else is left as it is, right or wrong. */
export function translateOriginal(given: unknown): Translated {
  const used = isSection(given) ? renamedSettings.filter(({ theirs }) => has(given, theirs)) : [];
  if (!isSection(given)) return { value: given, problems: [], asWritten: (path) => path };
  const translated = used.reduce(renamed, given);
  return {
    value: edited(edited(translated, 'log', 'level', ownLevel), 'tg', 'proxy', proxyUrl),
    problems: used.filter(({ ours }) => has(given, ours)).map(bothGiven),
    asWritten(path) {
      const it = used.find(({ ours }) => ours.every((key, at) => key === path[at]));
      return it ? [...it.theirs, ...path.slice(it.ours.length)] : path;
    },
  };
}

const bothGiven = ({ theirs, ours }: Renamed) =>
  `${theirs.join('.')}: there is also ${ours.join('.')}, which means the same; keep only one of them`;

/** Of two that are given, ours stays. */
function renamed(config: Section, { theirs, ours }: Renamed): Section {
  const [section, key] = theirs;
  const { [key]: value, ...rest } = config[section] as Section;
  const without: Section = { ...config, [section]: rest };
  const [target, name] = ours;
  const into = without[target] ?? {};
  if (!isSection(into) || has(without, ours)) return without; // a section that is none is reported by the check
  return { ...without, [target]: { ...into, [name]: value } };
}

function has(config: Section, [section, key]: readonly [string, string]): boolean {
  const found = config[section];
  return isSection(found) && Object.hasOwn(found, key);
}

function edited(config: Section, section: string, key: string, edit: (value: unknown) => unknown): Section {
  if (!has(config, [section, key])) return config;
  const found = config[section] as Section;
  return { ...config, [section]: { ...found, [key]: edit(found[key]) } };
}

const ownLevel = (level: unknown) => originalLevels.get(level) ?? level;

/** As Telethon takes it: an object with these names, or a list in this order. */
const proxyNames: readonly (readonly string[])[] = [
  ['proxy_type', 'type'],
  ['addr', 'host', 'hostname'],
  ['port'],
  ['rdns'],
  ['username'],
  ['password'],
];

/** The URL of a SOCKS5 proxy in Python's form; whatever else is given is returned, for the check to report. */
function proxyUrl(given: unknown): unknown {
  const fields = Array.isArray(given) ? listed(given) : isSection(given) ? named(given) : undefined;
  if (!fields) return given;
  const [type, host, port, rdns, username, password] = fields;
  const isSocks5 = type === 2 || (typeof type === 'string' && /^socks5h?$/i.test(type)); // 2: PySocks' constant
  if (!isSocks5 || typeof host !== 'string' || !/^[^\s@/:]+$/.test(host) || !isPort(port)) return given;
  if (![username, password].every((it) => it === undefined || it === null || typeof it === 'string')) return given;
  const login = username ? `${encoded(username)}${password ? `:${encoded(password)}` : ''}@` : '';
  return `${rdns === false ? 'socks5' : 'socks5h'}://${login}${host}:${port}`;
}

const isPort = (it: unknown): it is number | string =>
  (typeof it === 'number' && Number.isInteger(it)) || (typeof it === 'string' && /^\d{1,5}$/.test(it));

/** encodeURIComponent throws for half a surrogate pair. */
const encoded = (it: unknown) => encodeURIComponent(String(it).toWellFormed());

const listed = (given: readonly unknown[]) => (given.length <= proxyNames.length ? given : undefined);

function named(given: Section): unknown[] | undefined {
  const known = new Set(proxyNames.flat());
  const isKnown = Object.keys(given).every((it) => known.has(it));
  const isOnce = proxyNames.every((names) => names.filter((it) => Object.hasOwn(given, it)).length <= 1);
  if (!isKnown || !isOnce) return undefined;
  return proxyNames.map((names) => names.map((it) => given[it]).find((it) => it !== undefined));
}

/** Whether it is an object, as every section is. */
export function isSection(value: unknown): value is Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
