/**
 * headers.ts: what a browser may do with the dashboard's pages: run our own scripts and call our own host, but never show them in a
 * frame.
 */
import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';

const self = ["'self'"];

/** Middleware that sets security headers on every answer. */
export function safeHeaders(): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: self,
      scriptSrc: self,
      // Bull Board writes styles into its page, while it loads and for its charts.
      styleSrc: [...self, "'unsafe-inline'"],
      imgSrc: [...self, 'data:'],
      connectSrc: self,
      objectSrc: ["'none'"],
      baseUri: self,
      formAction: self,
      frameAncestors: ["'none'"],
    },
    xFrameOptions: 'DENY',
    referrerPolicy: 'no-referrer',
    // A proxy decides whether it is reached by https, and then sends this header itself.
    strictTransportSecurity: false,
  });
}
