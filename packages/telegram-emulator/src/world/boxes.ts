/**
 * boxes.ts: how much the server remembers of what happened, and how much of it one answer tells.
 */

/** Sizes in events; tests make them small. */
export interface Boxes {
  /** What the account's own sequence remembers; who asks for something older gets "too long". */
  size: number;
  /** The same for each channel. */
  channelSize: number;
  /** The most events of one `updates.getDifference`. */
  slice: number;
  /** The most events of one `updates.getChannelDifference`, whatever the client's limit. */
  channelSlice: number;
}

/** Sizes with defaults. */
export const makeBoxes = (given: Partial<Boxes> = {}): Boxes => ({
  size: 5000,
  channelSize: 5000,
  slice: 1000,
  channelSlice: 100,
  ...given,
});
