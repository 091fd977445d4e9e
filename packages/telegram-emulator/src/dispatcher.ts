/**
 * dispatcher.ts: from a decoded call to its outcome: the session rule, access, faults, the handler.
 * A method that no service knows is an error, counted and logged; nothing answers it by default.
 */
import { checkAccess } from './access.js';
import { AtOnce } from './at-once.js';
import type { Counting } from './counters.js';
import { count } from './counters.js';
import { type Delivery, ORDINARY, deliveryOf } from './delivery.js';
import type { FaultAction, FaultEffect, Faults } from './faults.js';
import type { Logins } from './logins.js';
import { oddPage } from './odd-pages.js';
import { type Handler, RpcError, type Service } from './service.js';
import type { SessionRule } from './session-rule.js';
import { corrupted, truncated } from './corrupted-files.js';
import type { WireCall } from './wire-call.js';

/** An answer and how to deliver it. */
export type Answer =
  | { readonly kind: 'result'; readonly value: unknown; readonly delivery: Delivery }
  | { readonly kind: 'error'; readonly code: number; readonly message: string; readonly delivery: Delivery };

/** The result of a call. */
export type Outcome = Answer | { readonly kind: 'stall' } | { readonly kind: 'drop' } | { readonly kind: 'wrong-salt' };

export interface DispatcherDeps {
  readonly services: Service;
  readonly logins: Logins;
  readonly rule: SessionRule;
  readonly faults: Faults;
  readonly counting: Counting;
  readonly log: (line: string) => void;
  /** How each fault effect changes the world before a call is answered. */
  readonly effects: Readonly<Record<FaultEffect, () => void>>;
  readonly onCall: (call: WireCall) => void;
}

export class Dispatcher {
  readonly #atOnce: AtOnce;

  constructor(private readonly deps: DispatcherDeps) {
    this.#atOnce = new AtOnce((method, running) => deps.counting.atOnce(method, running));
  }

  /** Handles a call. Answers synchronously whenever the handler does, so that answers keep their order. */
  dispatch(call: WireCall): Outcome | Promise<Outcome> {
    const { counting, effects, faults, onCall } = this.deps;
    const method = call.query._;
    counting.call(method, call.dc);
    call.connection.calls++;
    onCall(call);
    try {
      const handler = this.#handler(method);
      this.#watch(call);
      checkAccess(method, call);
      const ended = this.#atOnce.begin(method);
      const actions = faults.meet(call);
      const delivery = deliveryOf(actions);
      const outcome = (): Outcome | Promise<Outcome> => {
        for (const action of actions) {
          if (action.kind === 'error') return { kind: 'error', code: action.code, message: action.message, delivery };
          if (action.kind === 'stall' || action.kind === 'drop' || action.kind === 'wrong-salt')
            return { kind: action.kind };
          if (action.kind in effects) effects[action.kind as FaultEffect]();
        }
        return this.#run(call, handler, actions, delivery);
      };
      const delay = actions.reduce((sum, it) => (it.kind === 'delay' ? sum + it.ms : sum), 0);
      const handled = delay === 0 ? outcome() : later(delay).then(outcome);
      const late = actions.filter((it) => it.kind === 'late').map(async (it) => await faults.removed(it));
      const result = late.length === 0 ? handled : Promise.all([handled, ...late]).then(([it]) => it);
      if (result instanceof Promise) return result.finally(ended);
      ended();
      return result;
    } catch (error) {
      return this.#failed(error, method, ORDINARY);
    }
  }

  /** Ends a login that breaks the session rule; both connections then get the error from {@link checkAccess}. */
  #watch(call: WireCall): void {
    const { rule, logins, counting, log } = this.deps;
    const { authorization } = call.key;
    if (authorization?.state !== 'alive') return;
    if (!rule.breaks(authorization, call.connection.endpoint, call.connection.id, call.query._)) return;
    counting.now.sessionRuleViolations++;
    log(`session rule broken by ${call.query._} at data centre ${call.dc}, login ended`);
    logins.end(authorization, 'duplicated');
    rule.forget(authorization);
  }

  #run(
    call: WireCall,
    handler: Handler,
    actions: readonly FaultAction[],
    delivery: Delivery,
  ): Outcome | Promise<Outcome> {
    const method = call.query._;
    try {
      const value = handler(call);
      if (!(value instanceof Promise)) return this.#answered(call, value, actions, delivery);
      return value.then(
        (it) => this.#answered(call, it, actions, delivery),
        (error: unknown) => this.#failed(error, method, delivery),
      );
    } catch (error) {
      return this.#failed(error, method, delivery);
    }
  }

  #answered(call: WireCall, value: unknown, actions: readonly FaultAction[], delivery: Delivery): Outcome {
    // The login may have ended while the call was delayed.
    if (call.login && call.key.authorization?.state === 'duplicated')
      return { kind: 'error', code: 406, message: 'AUTH_KEY_DUPLICATED', delivery };
    // The call that logs in counts as the login's first use.
    if (!call.login) this.#watch(call);
    for (const action of actions) {
      if (action.kind === 'truncate') value = truncated(value, action.keep);
      if (action.kind === 'odd-page') value = oddPage(value, action.oddity);
      if (action.kind === 'corrupt') value = corrupted(value, action.at);
    }
    return { kind: 'result', value, delivery };
  }

  #handler(method: string): Handler {
    const { services, counting, log } = this.deps;
    const handler = Object.hasOwn(services, method) ? services[method] : undefined;
    if (handler) return handler;
    count(counting.now.unknownMethods, method);
    log(`unknown method ${method}`);
    throw new RpcError(400, `INPUT_METHOD_INVALID: ${method} is not emulated`);
  }

  #failed(error: unknown, method: string, delivery: Delivery): Outcome {
    if (error instanceof RpcError) return { kind: 'error', code: error.code, message: error.message, delivery };
    this.deps.log(`${method} failed: ${error instanceof Error ? error.stack : String(error)}`);
    return { kind: 'error', code: 500, message: `INTERNAL: ${error instanceof Error ? error.message : ''}`, delivery };
  }
}

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());
