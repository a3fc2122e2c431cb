import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { EchoFacts } from './live-echo-server.ts';

const DESCRIPTORS = 100;
const CONNECTIONS = 150;
const MESSAGES = 10;
const LIMIT_MS = 30_000;

export interface EchoOutcome extends EchoFacts {
  /** ms: as `held`, while it accepted so many at once as it could: nothing is missing yet. */
  readonly heldBefore: number;
  /** Of so many messages, one a connection, after descriptors were free again. */
  readonly messages: number;
  readonly answered: number;
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', reject);
  });
}

/** A process that asks for facts by a line and gets them as a line. */
class Server {
  readonly #process;
  readonly #lines;

  constructor(program: string) {
    const limited = `ulimit -n ${DESCRIPTORS}; exec "$0" "$@"`;
    this.#process = spawn('sh', ['-c', limited, process.execPath, program], {
      stdio: ['pipe', 'pipe', 'inherit'],
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`the server gave no answer within ${LIMIT_MS} ms`);
    return value;
  }

  async facts(): Promise<EchoFacts> {
    this.#process.stdin.write('?\n');
    return JSON.parse(await this.line()) as EchoFacts;
  }

  end(): void {
    this.#process.kill('SIGKILL');
  }
}

/** More connections than the server has descriptors, until it has said so; then all are closed. */
async function useUpDescriptors(server: Server, port: number): Promise<EchoFacts> {
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => connected(port)));
  let facts = await server.facts();
  while (facts.refused === 0) facts = await server.facts();
  for (const socket of sockets) socket.destroy();
  return facts;
}

async function exchange(port: number, text: string): Promise<boolean> {
  const socket = await connected(port);
  socket.write(text);
  const [answer] = await once(socket, 'data');
  socket.destroy();
  return String(answer) === text;
}

/**
 * A remote client could freeze the process for good: a watcher that had no descriptor for its eyes
 * never looked again, and the call that was blocked then held JavaScript.
 */
export async function echoWithoutDescriptors(program: string): Promise<EchoOutcome> {
  const server = new Server(program);
  try {
    const port = Number(await server.line());
    const { refused, held: heldBefore } = await useUpDescriptors(server, port);
    let answered = 0;
    for (let i = 0; i < MESSAGES; i++) answered += (await exchange(port, `message ${i}`)) ? 1 : 0;
    const { ticks, held } = await server.facts();
    return { ticks, held, heldBefore, refused, messages: MESSAGES, answered };
  } finally {
    server.end();
  }
}
