/** The program that runs in the cluster, run here against servers of every kind. */
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Saw } from '../../src/verify/observed';
import { PROGRAM } from '../../src/verify/program';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'ml-netpol-probe-'));
const closing: (() => void)[] = [];

afterAll(() => {
  for (const close of closing) close();
  rmSync(folder, { recursive: true });
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function saw(...probes: readonly object[]): Promise<readonly Saw[]> {
  writeFileSync(join(folder, 'probe.js'), PROGRAM);
  const given = probes.map((probe) => ({ address: '127.0.0.1', protocol: 'TCP', ...probe }));
  writeFileSync(join(folder, 'probes.json'), JSON.stringify(given));
  const { stdout } = await run(process.execPath, ['probe.js', 'probes.json'], { cwd: folder });
  const lines = stdout.trim().split('\n');
  return lines.map((line) => (JSON.parse(line) as { saw: Saw }).saw);
}

test('asks for the request that it is told, and says what was answered', async () => {
  const asked: unknown[] = [];
  const port = await listening(
    createHttp(({ method, url, headers }, answer) => {
      asked.push({ method, url, host: headers.host });
      answer.writeHead(403).end('RBAC: access denied');
    }),
  );
  const [first] = await saw({ kind: 'http', port, method: 'POST', path: '/v1/x', host: 'models' });
  expect(asked).toEqual([{ method: 'POST', url: '/v1/x', host: 'models' }]);
  expect(first).toMatchObject({ connected: true, status: 403, body: 'RBAC: access denied' });
});

test('speaks gRPC, and tells its status', async () => {
  const server = createHttp2();
  server.on('stream', (stream, headers) => {
    const path = headers[':path'] ?? '';
    stream.respond(
      { ':status': 200, 'grpc-status': '12', 'grpc-message': path },
      { endStream: true },
    );
  });
  const port = await listening(server);
  const [first] = await saw({ kind: 'grpc', port, path: '/grpc.health.v1.Health/Check' });
  expect(first).toMatchObject({
    status: 200,
    grpcStatus: 12,
    body: '/grpc.health.v1.Health/Check',
  });
});

test('counts the bytes of a server that speaks something else than TLS', async () => {
  const port = await listening(createServer((socket) => socket.end('-ERR unknown command\r\n')));
  const [first] = await saw({ kind: 'tls', port });
  expect(first).toMatchObject({ connected: true });
  expect(first?.bytes).toBeGreaterThan(0);
});

test('asks for a name by UDP and by TCP', async () => {
  const udp = createSocket('udp4');
  udp.on('message', (bytes, { port, address }) => udp.send(bytes, port, address));
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  closing.push(() => udp.close());
  const tcp = await listening(createServer((socket) => socket.pipe(socket)));
  const seen = await saw(
    { kind: 'dns', protocol: 'UDP', port: udp.address().port },
    { kind: 'dns', port: tcp },
  );
  expect(seen.map(({ bytes, error }) => ({ some: bytes > 30, error }))).toEqual([
    { some: true, error: undefined },
    { some: true, error: undefined },
  ]);
});

test('tells who refuses, who is silent, and what has no address', async () => {
  const silent = await listening(createServer(() => undefined));
  const gone = createServer();
  const closed = await listening(gone);
  gone.close();
  const seen = await saw(
    { kind: 'http', port: closed, method: 'GET', path: '/' },
    { kind: 'http', port: silent, method: 'GET', path: '/' },
    { kind: 'tls', port: 1, address: 'no-such-name.invalid' },
  );
  expect(seen).toEqual([
    { connected: false, bytes: 0, error: 'ECONNREFUSED' },
    { connected: true, bytes: 0, error: 'ETIMEDOUT' },
    { connected: false, bytes: 0, error: 'ENOTFOUND' },
  ]);
}, 30_000);
