/** headers.ts: what a browser may do with the dashboard's pages: run our own scripts, ask our own host, be in nobody's frame. */
import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';

const self = ["'self'"];

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
    // Whether it is reached by https is decided by a proxy, which then says this itself.
    strictTransportSecurity: false,
  });
}
