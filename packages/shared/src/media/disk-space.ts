/** disk-space.ts: disk space as shared by all workers: what each reserves is a row in Postgres, and parts can be discarded. */
import type { Logger } from '../app/index.js';
import {
  aloneOnDisk,
  type Db,
  releaseDiskSpace,
  reserveDiskSpace,
  spaceReservedByOthers,
  reservationRenewalMs,
} from '../db/index.js';
import { DiskSpace, type ReservationLedger, type DiskSpaceOptions } from '../store/index.js';
import { giveBackParts } from './give-back.js';

type Options = Omit<DiskSpaceOptions, 'ledger' | 'giveBack'> & { db: Db; log: Logger };

/** Opens the disk space of this worker, shared with all workers through Postgres. */
export async function openDiskSpace({ db, log, ...options }: Options): Promise<DiskSpace> {
  return await DiskSpace.open({
    ...options,
    ledger: ledgerIn(db),
    giveBack: async (spare, waiting) => {
      for (const media of await giveBackParts(db, options.temp, spare, waiting))
        log.info(media, 'discarded parts of a download so that another one can finish');
    },
  });
}

function ledgerIn(db: Db): ReservationLedger {
  return {
    renewalMs: reservationRenewalMs,
    reserve: async (disk, worker, bytes) => await reserveDiskSpace(db, disk, worker, bytes),
    others: async (disk, worker) => await spaceReservedByOthers(db, disk, worker),
    free: async (disk, worker) => await releaseDiskSpace(db, disk, worker),
    alone: async (disk, work) => await aloneOnDisk(db, disk, work),
  };
}
