/** rules: which media of a message to take. Pure: rules and facts in, a decision out. */
export { categoryInRaw, categoryOf, mediaCategories, type MediaCategory } from './category.js';
export { decide, type Decision, type MediaFacts } from './decide.js';
export { patternProblem } from './pattern.js';
export type { Conditions, MediaRules, Period, Rule } from './rule.js';
