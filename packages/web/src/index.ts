/** web: what every page we serve needs: who may come in, what other sites may not do, and what a browser may do with ours. */
export { Door } from './door.js';
export { fromOurPageOnly, sameOriginOnly } from './guard.js';
export { safeHeaders } from './headers.js';
