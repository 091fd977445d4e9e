/**
 * texts.ts: what people say in a generated world: friendly small talk, and texts that break careless archives.
 */
import type { Random } from '../random.js';

const OPENINGS = [
  'Good morning everyone',
  'Quick question',
  'Just back from the market',
  'Look what I found',
  'Reminder',
  'By the way',
  'This made my day',
  'Guess what',
  'Thank you all',
  'For those who asked',
  'Small update',
  'Finally',
];
const MIDDLES = [
  'the tomatoes on the balcony are ripe',
  'the train to the lake leaves at nine',
  'our neighbour’s cat is sleeping in the flower pot again',
  'I tried the bread recipe with rye flour',
  'the repair café opens on Saturday',
  'the new lens is wonderful in the evening light',
  'we need two more people for the boat',
  'the library has the second volume back',
  'the radio in the kitchen works again',
  'there is still cake left from yesterday',
  'the swallows came back this week',
  'the path along the river is open again',
  'grandma wants the photos on paper',
  'the first snow is forecast for Tuesday',
];
const ENDINGS = [
  '.',
  '!',
  ' 🙂',
  ', who is coming along?',
  '. More tomorrow.',
  ' — what do you think?',
  ' 🎉',
  '. Pictures follow.',
  ', finally.',
  '. Have a lovely day!',
  ' 🐈',
  '…',
];

/** A friendly sentence, chosen by three numbers. */
export function phrase(a: number, b: number, c: number): string {
  const of = (list: readonly string[], index: number): string => list[index % list.length] ?? '';
  return `${of(OPENINGS, a)}: ${of(MIDDLES, b)}${of(ENDINGS, c)}`;
}

/** A friendly sentence. */
export const smallTalk = (random: Random): string => phrase(random.int(997), random.int(991), random.int(983));

/** A friendly caption. */
export const caption = (random: Random): string =>
  random.pick([
    '',
    '',
    'From this morning',
    'Look at that light',
    'Number two is my favourite',
    'As promised',
    'Cheers 🍋',
  ]);

/** Texts that are valid but awkward: raw bytes if they are not valid UTF-8. */
export const AWKWARD_TEXTS: readonly (string | Uint8Array)[] = [
  'nul \u0000 inside',
  Uint8Array.from([0x6c, 0x6f, 0x6e, 0x65, 0x20, 0xed, 0xa0, 0xbd, 0x20, 0x68, 0x61, 0x6c, 0x66]),
  Uint8Array.from([0xff, 0xfe, 0x62, 0x79, 0x74, 0x65, 0x73, 0xc0, 0xaf]),
  'מימין לשמאל \u202eesrever\u202c',
  'z\u0351\u036b\u0343a\u0315\u031bl\u0321\u0353g\u033a\u0355o\u0321',
  '<script>alert("hi")</script> & <b>bold</b>',
  "'; DROP TABLE message; --",
  '\ufeffstarts with a byte order mark',
  'line one\r\nline two\u2028line three\u2029\u0085end',
  '👩‍👩‍👧‍👦🏴󠁧󠁢󠁳󠁣󠁴󠁿🇪🇺'.repeat(10),
  'long '.repeat(819),
  '\\u0000 \\x00 %00 $1 {0} \\',
  '   ',
];
