/** sent-code.ts: how Telegram sends a login code, and so what to ask the person for (core.telegram.org/api/auth). Pure. */
import { Api } from '../wire/gramjs.js';

export interface CodeQuestion {
  /** Ends with a colon. */
  question: string;
  /** Words are to be entered, in which spaces count; otherwise digits. */
  isText?: boolean;
  /** A code from an e-mail, which is checked differently. */
  isEmail?: boolean;
}

/** What to ask for, or a sentence if nothing can be entered here. */
export function codeQuestion(type: Api.auth.TypeSentCodeType): CodeQuestion | string {
  if (type instanceof Api.auth.SentCodeTypeApp) return { question: 'The code sent to your Telegram app:' };
  if (type instanceof Api.auth.SentCodeTypeSms) return { question: 'The code sent by SMS:' };
  if (type instanceof Api.auth.SentCodeTypeCall) return { question: 'The code read to you in a phone call:' };
  if (type instanceof Api.auth.SentCodeTypeSmsWord)
    return { question: `The word sent by SMS${beginning(type.beginning)}:`, isText: true };
  if (type instanceof Api.auth.SentCodeTypeSmsPhrase)
    return { question: `The phrase sent by SMS${beginning(type.beginning)}:`, isText: true };
  if (type instanceof Api.auth.SentCodeTypeFlashCall)
    return { question: `The full number of the missed call you get (${type.pattern}); do not answer it:` };
  if (type instanceof Api.auth.SentCodeTypeMissedCall)
    return {
      question: `The last ${type.length} digits of the number of the missed call you get (it begins with ${type.prefix}); do not answer it:`,
    };
  if (type instanceof Api.auth.SentCodeTypeFragmentSms)
    return { question: `The code shown at ${type.url} to the owner of this anonymous number:` };
  if (type instanceof Api.auth.SentCodeTypeEmailCode)
    return { question: `The code sent by e-mail to ${type.emailPattern}:`, isEmail: true };
  if (type instanceof Api.auth.SentCodeTypeSetUpEmailRequired)
    return 'Telegram requires a login e-mail address for this account, which only its own apps can set up. Set it up there';
  if (type instanceof Api.auth.SentCodeTypeFirebaseSms)
    return "Telegram sends the code for this login only to its own apps (through Google's Firebase)";
  return 'Telegram sends the code for this login in a way that this version of tgsync does not support';
}

function beginning(text: string | undefined): string {
  return text ? `, which begins with "${text}"` : '';
}
