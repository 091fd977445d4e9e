/** full-connection.ts: GramJS's connection, with packets that are cut and made without copies (`packets.ts`). */
import { ConnectionTCPFull, FullPacketCodec } from './gramjs.js';
import { packetOf } from './packets.js';
import type { PacketSocket } from './socket.js';

class FullCodec extends FullPacketCodec {
  private sent = 0;

  override encodePacket(payload: Buffer): Buffer {
    return packetOf(payload, this.sent++);
  }

  override async readPacket(socket: unknown): Promise<Buffer> {
    return await (socket as PacketSocket).nextPacket();
  }
}

export class FullConnection extends ConnectionTCPFull {
  override PacketCodecClass = FullCodec as never;
}
