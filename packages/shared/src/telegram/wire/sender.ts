/** sender.ts: GramJS's sender, except that a broken connection is reported instead of being reopened endlessly, and missed updates are, too. */
import { ConnectionLostError } from '../../errors/index.js';
import { handleEach } from './containers.js';
import { type AuthKey, MTProtoSender, type TLMessage } from './gramjs.js';
import { isCut } from './lenient-reader.js';

/** What GramJS's typings hide of its sender. */
export type SenderOptions = ConstructorParameters<typeof MTProtoSender>[1];

export class OneConnectionSender extends MTProtoSender {
  constructor(
    private readonly events: { onLost: (error: Error) => void; onMissed: () => void },
    key: AuthKey | undefined,
    options: SenderOptions,
  ) {
    super(key, options);
  }

  override async _handleContainer(message: { obj: { messages: Parameters<MTProtoSender['_processMessage']>[0][] } }) {
    await handleEach(message.obj.messages, (it) => this._processMessage(it));
  }

  /** GramJS only takes its salt. */
  override async _handleNewSessionCreated(message: TLMessage): Promise<void> {
    await super._handleNewSessionCreated(message);
    this.events.onMissed();
  }

  override async _handleUpdate(message: TLMessage): Promise<void> {
    if (isCut(message.obj)) this.events.onMissed();
    else await super._handleUpdate(message);
  }

  override reconnect(): void {
    this.events.onLost(new ConnectionLostError('the connection to Telegram broke'));
  }
}
