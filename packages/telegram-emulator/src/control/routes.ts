/**
 * routes.ts: the control interface's routes, one line each.
 */
import type { ServerResponse } from 'node:http';
import type { Fault, FaultAction, FaultHandle } from '../faults.js';
import type { Outage } from '../outages.js';
import type { Emulator } from '../server.js';
import type { Chat } from '../world/chat.js';
import { sendJson, toJson } from './json.js';
import { happen, pushFault, pushForm, randomEvents, say } from './live-routes.js';
import { expireMessages } from '../world/live/index.js';

interface Request {
  /** The last part of the path, if the route has a parameter. */
  readonly parameter: string;
  readonly body: Record<string, unknown>;
  readonly response: ServerResponse;
}

/** A route. */
export interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly handle: (request: Request) => void | Promise<void>;
}

/** Numbered switches: deleting one undoes what a test switched on. */
class Marks {
  readonly #undo = new Map<number, () => unknown>();
  #last = 0;

  add(undo: () => unknown): { mark: number } {
    this.#undo.set(++this.#last, undo);
    return { mark: this.#last };
  }

  async remove(parameter: string): Promise<void> {
    const undo = this.#undo.get(Number(parameter));
    if (!undo) throw new Error(`no mark ${parameter}`);
    this.#undo.delete(Number(parameter));
    await undo();
  }
}

const HANDLES_KEPT = 1000;

const KINDS: readonly FaultAction['kind'][] = [
  ...(['error', 'drop', 'stall', 'delay', 'truncate', 'corrupt', 'odd-page', 'wrong-salt', 'answer-twice'] as const),
  ...(['gather', 'unsolicited', 'hang-up'] as const),
  ...(['expire-references', 'expire-cdn-tokens', 'drop-cdn-files', 'relocate-files', 'forget-srp'] as const),
];

/** A method in JSON is a name, or `{ "regexp": "^upload" }`. */
function methodOf(body: Record<string, unknown>): { method?: string | RegExp } {
  const method = body['method'] as string | { regexp: string } | undefined;
  if (method === undefined) return {};
  return { method: typeof method === 'object' ? new RegExp(method.regexp) : method };
}

/** A peer in JSON is the text of its marked id. */
function faultOf(body: Record<string, unknown>): Fault {
  const peer = body['peer'] as string | undefined;
  if (!KINDS.includes(body['kind'] as FaultAction['kind'])) throw new Error(`kind must be one of ${KINDS.join(', ')}`);
  return {
    ...body,
    ...methodOf(body),
    ...(peer !== undefined && { peer: BigInt(peer) }),
  } as Fault;
}

const shown = ({ id, fault, hits }: FaultHandle): unknown => ({ id, hits, fault });

/** All routes of one emulator. */
export function routesOf(emulator: Emulator): Route[] {
  const { world, faults } = emulator;
  const handles = new Map<number, FaultHandle>();
  const marks = new Marks();
  const random = randomEvents();
  const { phone, code, password, userId, homeDc } = world.account;

  function handleOf(parameter: string): FaultHandle {
    const handle = handles.get(Number(parameter));
    if (!handle) throw new Error(`no fault ${parameter}`);
    return handle;
  }

  function addFault(body: Record<string, unknown>): FaultHandle {
    const handle = faults.add(faultOf(body));
    handles.set(handle.id, handle);
    if (handles.size > HANDLES_KEPT) handles.delete(handles.keys().next().value!);
    return handle;
  }

  /** A chat by its marked id or its title. */
  const chatOf = (name: string): Chat => world.chat(/^-?\d+$/.test(name) ? BigInt(name) : name);

  /** Streams every call from now on, one line of JSON each. */
  function streamCalls(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders();
    const end = emulator.onCall((call) => response.write(`${toJson(call)}\n`));
    response.on('close', end);
  }

  const answer =
    (make: (request: Request) => unknown) =>
    async (request: Request): Promise<void> =>
      sendJson(request.response, (await make(request)) ?? {});
  const route = (method: string, path: RegExp, make: (request: Request) => unknown): Route => ({
    method,
    path,
    handle: answer(make),
  });

  return [
    route('GET', /^\/$/, () => ({ server: emulator.server, account: { phone, code, password, userId, homeDc } })),
    // How the account gets its code and what it must enter, such as `{ "codeWays": ["email"] }`.
    route('PATCH', /^\/account$/, ({ body }) => void Object.assign(world.account, body)),
    route('GET', /^\/addresses$/, () => emulator.addresses),
    route('GET', /^\/inventory$/, () => world.inventory()),
    // What became of every message, and what else happened.
    route('GET', /^\/record$/, () => ({ messages: [...world.record.messages()], events: world.record.events })),
    route('POST', /^\/chats\/([^/]+)\/events$/, ({ parameter, body }) => happen(chatOf(parameter), body)),
    route('POST', /^\/random-events$/, ({ body }) => random(emulator, body)),
    route('POST', /^\/expire-messages$/, () => ({ expired: expireMessages(world) })),
    route('PATCH', /^\/boxes$/, ({ body }) => void Object.assign(world.boxes, body)),
    // Faults and forms of pushes return the number of a mark to delete.
    route('POST', /^\/pushes\/faults$/, ({ body }) => marks.add(pushFault(emulator, body))),
    route('POST', /^\/pushes\/form$/, ({ body }) => marks.add(pushForm(emulator, body))),
    route('POST', /^\/pushes$/, ({ body }) => say(emulator, body, chatOf)),
    route('GET', /^\/counters$/, () => emulator.counters()),
    route('DELETE', /^\/counters$/, () => emulator.resetCounters()),
    { method: 'GET', path: /^\/calls$/, handle: ({ response }) => streamCalls(response) },
    route('GET', /^\/faults$/, () => faults.list.map(shown)),
    route('POST', /^\/faults$/, ({ body }) => shown(addFault(body))),
    route('DELETE', /^\/faults$/, () => faults.clear()),
    route('DELETE', /^\/faults\/(\d+)$/, ({ parameter }) => handleOf(parameter).remove()),
    route('GET', /^\/faults\/(\d+)$/, ({ parameter }) => shown(handleOf(parameter))),
    // Answered when the first and the last call is affected.
    route('GET', /^\/faults\/(\d+)\/hit$/, async ({ parameter }) => {
      await handleOf(parameter).hit;
      return shown(handleOf(parameter));
    }),
    route('GET', /^\/faults\/(\d+)\/spent$/, async ({ parameter }) => {
      await handleOf(parameter).spent;
      return shown(handleOf(parameter));
    }),
    route('POST', /^\/connections\/drop$/, ({ body }) => ({
      dropped: emulator.dropConnections(body),
    })),
    // Returns the number of a mark; deleting the mark ends the outage.
    route('POST', /^\/outages$/, ({ body }) =>
      marks.add(emulator.outage({ ...body, ...methodOf(body) } as unknown as Outage)),
    ),
    route('POST', /^\/keys\/forget$/, ({ body }) => emulator.forgetKeys(body['dc'] as number | undefined)),
    route('POST', /^\/login-tokens\/accept$/, ({ body }) => emulator.acceptLoginToken(body['token'] as string)),
    route('POST', /^\/files\/relocate$/, ({ body }) => world.relocateFiles(world.files, body)),
    route('POST', /^\/chats\/([^/]+)\/hide-head$/, ({ parameter, body }) =>
      marks.add(chatOf(parameter).hideHead({ newest: body['newest'] as number })),
    ),
    route('POST', /^\/chats\/([^/]+)\/rotate-access-hash$/, ({ parameter, body }) =>
      world.rotateAccessHash(chatOf(parameter), body['refusal'] as string | undefined),
    ),
    route('POST', /^\/file-references\/expire$/, () => world.expireFileReferences()),
    // Things that clients do not know yet, with the options of the world's `newer`. Each returns the number of a mark to delete.
    route('POST', /^\/newer\/messages$/, ({ body: { chat, id, ...how } }) =>
      marks.add(world.newer.message(chatOf(chat as string), id as number, how)),
    ),
    route('POST', /^\/newer\/peers$/, ({ body: { peer, ...how } }) =>
      marks.add(world.newer.peer(BigInt(peer as string), how)),
    ),
    route('POST', /^\/min$/, ({ body: { peer, ...how } }) =>
      marks.add(world.min.peer(world.chat(BigInt(peer as string)), how)),
    ),
    route('POST', /^\/newer\/updates$/, ({ body }) => marks.add(world.newer.update(body))),
    route('DELETE', /^\/marks\/(\d+)$/, ({ parameter }) => marks.remove(parameter)),
    // A photo or document takes the options of the world's addPhoto and addDocument.
    route('POST', /^\/chats\/([^/]+)\/messages$/, ({ parameter, body: { photo, document, ...rest } }) => {
      const { id, date } = chatOf(parameter).addMessage({
        ...rest,
        ...(photo ? { photo: world.addPhoto(photo) } : {}),
        ...(document ? { document: world.addDocument(document) } : {}),
      });
      return { id, date };
    }),
    route('POST', /^\/chats\/([^/]+)\/preview-ready$/, ({ parameter, body }) =>
      chatOf(parameter).previewReady(body['id'] as number),
    ),
    route('PATCH', /^\/chats\/([^/]+)\/messages$/, ({ parameter, body: { id, ...changes } }) => {
      chatOf(parameter).editMessage(id as number, changes);
    }),
    route('DELETE', /^\/chats\/([^/]+)\/messages$/, ({ parameter, body }) => {
      chatOf(parameter).deleteMessage(body['id'] as number);
    }),
  ];
}
