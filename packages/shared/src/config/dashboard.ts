/** dashboard.ts: the settings of the dashboard: where it listens, and who gets in. */
import { z } from 'zod';

/** In plain text, or as the bcrypt hash that `tgsync password` makes. */
export const passwordSchema = z
  .string()
  .min(8, { error: 'at least 8 characters' })
  .refine((it) => !/^\$2[aby]\$/.test(it) || /^\$2[aby]\$(0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}$/.test(it), {
    error: 'starts like a bcrypt hash but is not one; make one with `tgsync password`',
  })
  .refine((it) => /^\$2[aby]\$/.test(it) || !/^(\$[\w-]+\$.*\$|\{[\w-]+\})/.test(it), {
    error: 'looks like an unsupported kind of hash; make one with `tgsync password`',
  });

const hostName = z
  .string()
  .regex(/^[\w-]+(\.[\w-]+)*$/, { error: 'a host name without http:// and port, such as "nas.lan"' });

/** The section `dashboard`. */
export const dashboardSchema = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('The address where the dashboard listens.'),
    port: z.int().min(0).max(65_535).default(3000).describe('0: any free port, which is logged.'),
    hosts: z
      .array(hostName)
      .default([])
      .describe('Host names by which browsers reach it; IP addresses, localhost and `host` always work.'),
    password: passwordSchema
      .nullable()
      .default(null)
      .describe(
        'In plain text or, better, as the hash that `tgsync password` makes. null: the one that tgsync makes and keeps in ' +
          '/appdata/dashboard.password.',
      ),
    password_file: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('A file that contains the password or its hash, such as a docker compose secret.'),
    open_to_everyone: z
      .boolean()
      .default(false)
      .describe('No password: whoever reaches the page can pause, empty and retry queues.'),
    /** Accepted so that older files remain valid. */
    trust_network: z
      .boolean()
      .optional()
      .meta({ description: 'No longer has any effect, as there is always a password.', deprecated: true }),
  })
  .refine((it) => it.password === null || it.password_file === null, {
    error: 'there is also dashboard.password; keep only one of them',
    path: ['password_file'],
  })
  .refine((it) => !it.open_to_everyone || (it.password === null && it.password_file === null), {
    error: 'there is also a password; remove one of them',
    path: ['open_to_everyone'],
  });
