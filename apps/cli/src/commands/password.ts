/** password.ts: `tgsync password` asks for a dashboard password and prints its hash, so that config.json need not contain the password. */
import { PersonError } from '@tgsync/shared/errors';
import { hashPassword, isTooLong } from '@tgsync/web/password';
import { Prompt } from '../prompt.js';
import { print } from '../terminal.js';

export async function passwordCommand(): Promise<number> {
  const prompt = new Prompt();
  try {
    const password = await prompt.ask('Password for the dashboard:', { secret: true });
    if (password.length < 8) throw new PersonError('Use at least 8 characters.');
    if (isTooLong(password)) throw new PersonError('Use at most 72 bytes: bcrypt ignores the rest.');
    if ((await prompt.ask('Repeat the password:', { secret: true })) !== password)
      throw new PersonError('The passwords do not match.');
    prompt.say('Put this into config.json as dashboard.password, or into the file of dashboard.password_file:');
    print(await hashPassword(password));
    return 0;
  } finally {
    prompt.close();
  }
}
