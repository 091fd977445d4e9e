/** cable.ts: a TCP proxy in front of a service, which can be cut, frozen (nothing passes, nothing is closed) and restored. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export class Cable {
  private readonly pairs = new Set<[Socket, Socket]>();
  private isHeld = false;
  private isCut = false;

  private constructor(
    private readonly server: Server,
    /** Port where the service listens now. */
    public target: number,
  ) {
    server.on('connection', (near) => this.join(near));
  }

  static async to(target: number): Promise<Cable> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Cable(server, target);
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  /** Ends every connection and refuses new ones until restored. */
  cut(): void {
    this.isCut = true;
    this.drop();
  }

  drop(): void {
    for (const pair of this.pairs) for (const it of pair) it.destroy();
  }

  hold(): void {
    this.isHeld = true;
    for (const pair of this.pairs) for (const it of pair) it.pause();
  }

  restore(): void {
    this.isCut = this.isHeld = false;
    for (const pair of this.pairs) for (const it of pair) it.resume();
  }

  async close(): Promise<void> {
    this.drop();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(near: Socket): void {
    near.on('error', () => {});
    if (this.isCut) return void near.destroy();
    const far = connect(this.target, '127.0.0.1');
    const pair: [Socket, Socket] = [near, far];
    this.pairs.add(pair);
    far.on('error', () => {});
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on('data', (chunk) => {
        if (!to.write(chunk)) from.pause();
      });
      to.on('drain', () => this.isHeld || from.resume());
      from.on('close', () => {
        to.destroy();
        this.pairs.delete(pair);
      });
    }
    if (this.isHeld) for (const it of pair) it.pause();
  }
}
