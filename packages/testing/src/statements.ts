/** statements.ts: what this process asks Postgres, whoever asks: the product's own statements and the queues'; and how they would be run. */
import pg from 'pg';

interface Asked {
  text: string;
  values?: unknown[];
}

/** Records the text of every statement that `work` runs, in this process and on any connection. Not for tests that run side by side. */
export async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  return (await record(work)).map((it) => it.text);
}

async function record(work: () => Promise<unknown>): Promise<Asked[]> {
  const asked: Asked[] = [];
  const { prototype } = pg.Client as unknown as { prototype: { query: (...args: unknown[]) => unknown } };
  const original = prototype.query;
  prototype.query = function (this: unknown, ...args: unknown[]) {
    const [first, second] = args as [string | Asked, unknown];
    asked.push(
      typeof first === 'string'
        ? { text: first, ...(Array.isArray(second) ? { values: second as unknown[] } : {}) }
        : first,
    );
    return original.apply(this, args);
  };
  try {
    await work();
  } finally {
    prototype.query = original;
  }
  return asked;
}

/** How Postgres would run a statement. */
export interface Plan {
  text: string;
  /** Tables that are read from end to end. */
  scanned: string[];
  indexes: string[];
}

/**
 * The plans of the statements that `work` runs, as {@link statementsOf} records them: with the same values, made for what the database holds
 * afterwards. What triggers and functions run is not among them.
 */
export async function plansOf(databaseUrl: string, work: () => Promise<unknown>): Promise<Plan[]> {
  const asked = (await record(work)).filter((it) => /^\s*\(*(SELECT|WITH|INSERT|UPDATE|DELETE)\b/.test(it.text));
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const plans: Plan[] = [];
    for (const { text, values } of asked) {
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(`EXPLAIN (FORMAT JSON) ${text}`, values);
      const nodes = nodesOf(rows[0]!['QUERY PLAN'][0].Plan);
      plans.push({
        text,
        scanned: nodes.filter((it) => it['Node Type'] === 'Seq Scan').map((it) => it['Relation Name']!),
        indexes: nodes.flatMap((it) => it['Index Name'] ?? []),
      });
    }
    return plans;
  } finally {
    await client.end();
  }
}

/** A node of a plan; JSON's names are Postgres's. */
interface Node {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  Plans?: Node[];
}

function nodesOf(node: Node): Node[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}
