/** peers.ts: stores the users and chats that messages mention, and how an account reaches them. */
import { asRows, byId, fullLast } from './rows.js';
import { type Db, sql, type Tx } from './handle.js';

export interface PeerRow {
  id: bigint;
  kind: string;
  name: string;
  username: string | null;
  accessHash: bigint | null;
  raw: object;
  /** A partial description: what is already known takes precedence. */
  min: boolean;
}

/** Peers of an answer, and the account that got it. */
export interface SeenPeers {
  accountId: bigint;
  peers: readonly PeerRow[];
}

/** Writes only what differs. */
export async function storePeers(tx: Tx, { accountId, peers }: SeenPeers): Promise<void> {
  if (peers.length === 0) return;
  const rows = byId(fullLast(peers));
  await sql(tx).$executeRaw`
    INSERT INTO peer (id, kind, name, username, raw)
    SELECT id, kind, name, username, raw FROM jsonb_to_recordset(${asRows(rows)}::jsonb)
      AS x(id bigint, kind text, name text, username text, raw jsonb, min boolean)
    WHERE NOT min OR NOT EXISTS (SELECT FROM peer WHERE peer.id = x.id)
    ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name, username = excluded.username, raw = excluded.raw,
      seen_at = now()
    WHERE (peer.kind, peer.name, peer.username) IS DISTINCT FROM (excluded.kind, excluded.name, excluded.username)`;
  const access = rows.filter((it) => it.accessHash !== null).map(({ id, accessHash }) => ({ id, accessHash }));
  if (access.length === 0) return;
  await sql(tx).$executeRaw`
    INSERT INTO peer_access (account_id, peer_id, access_hash)
    SELECT ${accountId}::bigint, id, "accessHash" FROM jsonb_to_recordset(${asRows(access)}::jsonb) AS x(id bigint, "accessHash" bigint)
    ON CONFLICT (peer_id, account_id) DO UPDATE SET access_hash = excluded.access_hash
    WHERE peer_access.access_hash <> excluded.access_hash`;
}

/** A user's new name. */
export type Renamed = Pick<PeerRow, 'id' | 'name' | 'username'>;

/** Of peers that are known. */
export async function renamePeers(tx: Tx, renamed: readonly Renamed[]): Promise<void> {
  if (renamed.length === 0) return;
  await sql(tx).$executeRaw`
    UPDATE peer SET name = x.name, username = x.username, seen_at = now()
    FROM jsonb_to_recordset(${asRows(byId(renamed))}::jsonb) AS x(id bigint, name text, username text) WHERE peer.id = x.id`;
}

/** How long a peer counts as stored: another worker may see a newer name meanwhile. */
const knownMs = 60_000;
/** A bound on memory: more are forgotten. */
const mostKnown = 5000;

/** The peers that this process stored last, as each page repeats those of the page before it. */
class KnownPeers {
  private readonly stored = new Map<string, { facts: string; at: number }>();

  withoutKnown(accountId: bigint, peers: readonly PeerRow[]): PeerRow[] {
    const now = performance.now();
    return peers.filter((it) => {
      const known = this.stored.get(keyOf(accountId, it));
      return !known || known.facts !== factsOf(it) || now - known.at > knownMs;
    });
  }

  /** These have been committed. */
  note(accountId: bigint, peers: readonly PeerRow[]): void {
    if (this.stored.size + peers.length > mostKnown) this.stored.clear();
    const at = performance.now();
    for (const it of fullLast(peers)) this.stored.set(keyOf(accountId, it), { facts: factsOf(it), at });
  }
}

function keyOf(accountId: bigint, { id }: PeerRow): string {
  return `${accountId} ${id}`;
}

function factsOf({ kind, name, username, accessHash, min }: PeerRow): string {
  return JSON.stringify([kind, name, username, String(accessHash), min]);
}

const known = new WeakMap<Db, KnownPeers>();

export function knownPeers(db: Db): KnownPeers {
  let its = known.get(db);
  if (!its) known.set(db, (its = new KnownPeers()));
  return its;
}
