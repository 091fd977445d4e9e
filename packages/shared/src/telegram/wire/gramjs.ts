/** gramjs.ts: everything we use of GramJS, loaded with the chosen API layer. Nothing else imports GramJS. */
// oxlint-disable-next-line import/no-unassigned-import -- must be loaded before GramJS
import './layer.js';

export { Api, errors } from 'telegram';
export { SecurityError } from 'telegram/errors/index.js';
export { AuthKey } from 'telegram/crypto/AuthKey.js';
export { _serverKeys } from 'telegram/crypto/RSA.js';
export { BinaryReader } from 'telegram/extensions/BinaryReader.js';
export { Logger, LogLevel } from 'telegram/extensions/Logger.js';
export { ConnectionTCPFull, UpdateConnectionState } from 'telegram/network/index.js';
export { FullPacketCodec } from 'telegram/network/connection/TCPFull.js';
export { MTProtoSender } from 'telegram/network/MTProtoSender.js';
export { MTProtoState } from 'telegram/network/MTProtoState.js';
export { computeCheck } from 'telegram/Password.js';
export { tlobjects } from 'telegram/tl/AllTLObjects.js';
export { coreObjects, MessageContainer, TLMessage } from 'telegram/tl/core/index.js';
