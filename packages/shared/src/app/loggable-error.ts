/**
 * loggable-error.ts: what the log shows of an error: message, stack and code. Libraries attach more to their errors (an address with its
 * password, the arguments of a command), which must not be logged. Pure.
 */
export interface LoggableError {
  type: string;
  message: string;
  stack: string | undefined;
  code?: string | number;
}

/** Copies message, stack (with causes) and code; anything but an error becomes its text. */
export function loggableError(error: unknown): LoggableError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error), stack: undefined };
  const { code } = error as { code?: unknown };
  return {
    type: error.constructor.name,
    message: error.message,
    stack: stackOf(error),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
  };
}

const mostCauses = 5;

function stackOf(error: Error): string | undefined {
  const stacks = [error.stack];
  let { cause } = error;
  for (let depth = 0; cause instanceof Error && depth < mostCauses; depth++, { cause } = cause)
    stacks.push(cause.stack);
  return stacks.join('\ncaused by: ');
}
