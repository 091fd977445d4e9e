/** web: what every page that we serve needs: who may come in, what other hosts' pages may not do, and what a browser may do with ours. */
export { Door } from './door.js';
export { fromOurPageOnly, sameOriginOnly } from './guard.js';
export { safeHeaders } from './headers.js';
