/** rule.ts: rules in their recorded form. config/media-rules.ts reads them from config.json. */
import type { MediaCategory } from './category.js';

/** Since inclusive, until exclusive; texts as Date.toISOString() makes them. */
export interface Period {
  since?: string | undefined;
  until?: string | undefined;
}

/** All that are given must hold; of a list one. */
export interface Conditions {
  kind?: readonly MediaCategory[] | undefined;
  /** Lower case, without the dot. */
  extension?: readonly string[] | undefined;
  /** Lower case; `image/*` stands for every type of image. */
  mime?: readonly string[] | undefined;
  /** In bytes, both inclusive. */
  size?: { min?: number | undefined; max?: number | undefined } | undefined;
  date?: Period | undefined;
  /** Regular expressions that are searched for in the file's name and the message's text. */
  name?: string | undefined;
  caption?: string | undefined;
  /** Ids in decimal. */
  sender?: readonly string[] | undefined;
  topic?: readonly string[] | undefined;
}

export interface Rule {
  takes: boolean;
  when: Conditions;
}

/** The first rule that matches decides. Empty: everything is taken. */
export type MediaRules = readonly Rule[];
