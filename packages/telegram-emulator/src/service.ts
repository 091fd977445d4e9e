/**
 * service.ts: the boundary between the wire (sessions, encryption, dispatch) and the API methods.
 * A service is a table of handlers by TL method name; a method in no table is an error, and has no default answer.
 */
import type { TlObject } from './tl/value.js';

/** Who is logged in with the auth key that sent a call. */
export interface Login {
  readonly userId: bigint;
  readonly homeDc: number;
}

/** One call as a handler sees it: already decrypted, unwrapped (`invokeWithLayer`, …) and decoded. */
export interface Call {
  /** The method with its parameters, as the client's layer names them. */
  readonly query: TlObject;
  /** The layer that the client picked; the answer is encoded in it. */
  readonly layer: number;
  /** The data centre that the call arrived at: 1 to 4, or the CDN's. */
  readonly dc: number;
  /** Whether it arrived at a `media_only` address. */
  readonly mediaOnly: boolean;
  /** Undefined when nobody is logged in with this key. */
  readonly login: Login | undefined;
}

/** Handles one method: returns a TL object, a vector or a Bool, or throws an {@link RpcError}. */
export type Handler = (call: Call) => unknown;

/** Handlers by TL method name, such as `messages.getHistory`. */
export type Service = Readonly<Record<string, Handler>>;

/** An error that the client gets as `rpc_error`, for example `new RpcError(420, 'FLOOD_WAIT_33')`. */
export class RpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
    this.name = 'RpcError';
  }
}
