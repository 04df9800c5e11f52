/**
 * The program that runs in a pod of each source: plain JavaScript for any Node from 18 on, without a
 * dependency, so that whoever runs it can read it. It says what it saw and judges nothing.
 *
 * `node probe.js probes.json` writes one JSON line for each probe: the question, and under `saw`
 * whether a connection stood, how many bytes came back, and the answer or the error.
 */
export const PROGRAM = `'use strict';
const { lookup } = require('node:dns').promises;
const dgram = require('node:dgram');
const http = require('node:http');
const http2 = require('node:http2');
const net = require('node:net');
const tls = require('node:tls');

const LIMIT_MS = 5000;
const exchanges = { http: overHttp, grpc: overGrpc, tls: overTls, dns: overDns };

async function main() {
  for (const { address, ...probe } of JSON.parse(require('node:fs').readFileSync(process.argv[2]))) {
    const saw = await observe(probe, address);
    console.log(JSON.stringify({ ...probe, saw }));
  }
}

async function observe(probe, name) {
  const saw = { connected: false, bytes: 0 };
  const sockets = [];
  const watch = (socket) => {
    sockets.push(socket);
    socket.on('connect', () => {
      saw.connected = true;
    });
    return socket;
  };
  let end;
  const late = new Promise((resolve) => {
    end = setTimeout(() => resolve({ error: 'ETIMEDOUT' }), LIMIT_MS);
  });
  try {
    const { address: ip } = await lookup(name).catch((error) => {
      throw Object.assign(error, { code: 'ENOTFOUND' });
    });
    Object.assign(saw, await Promise.race([exchanges[probe.kind](probe, { ip, name, watch }), late]));
  } catch (error) {
    saw.error = error.code || error.message;
  }
  clearTimeout(end);
  for (const socket of sockets) {
    // whatever came back is an answer, also one that nobody here understands
    saw.bytes = Math.max(saw.bytes, socket.bytesRead);
    socket.destroy();
  }
  return saw;
}

function overHttp({ port, method, path, host }, { ip, name, watch }) {
  return new Promise((resolve, reject) => {
    const headers = { host: host || name + ':' + port, 'user-agent': 'ml-netpol-verify' };
    const request = http.request({ host: ip, port, method, path, headers, agent: false }, (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece) => {
        body = (body + piece).slice(0, 200);
      });
      answer.on('close', () => {
        resolve({ status: answer.statusCode, body });
      });
      answer.on('error', reject);
    });
    request.on('socket', watch);
    request.on('error', reject);
    request.end();
  });
}

function overGrpc({ port, path, host }, { ip, name, watch }) {
  return new Promise((resolve, reject) => {
    const session = http2.connect('http://' + (host || name) + ':' + port, {
      createConnection: () => watch(net.connect({ host: ip, port })),
    });
    session.on('error', reject);
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const answer = {};
    const take = (headers) => {
      if (headers[':status']) answer.status = headers[':status'];
      if (headers['grpc-status']) answer.grpcStatus = Number(headers['grpc-status']);
      if (headers['grpc-message']) answer.body = headers['grpc-message'];
    };
    stream.on('response', take);
    stream.on('trailers', take);
    stream.on('data', () => {});
    stream.on('error', reject);
    stream.on('close', () => {
      session.destroy();
      if (answer.status) resolve(answer);
      else reject(closed());
    });
    stream.end(Buffer.alloc(5));
  });
}

function overTls({ port }, { ip, name, watch }) {
  return new Promise((resolve, reject) => {
    const socket = watch(net.connect({ host: ip, port }));
    socket.on('close', () => reject(closed()));
    socket.on('error', reject);
    const secure = tls.connect({ socket, servername: name, rejectUnauthorized: false });
    secure.on('secureConnect', () => resolve({}));
    // a server that speaks something else has answered all the same
    secure.on('error', (error) => (socket.bytesRead > 0 ? resolve({}) : reject(error)));
  });
}

function overDns({ protocol, port }, { ip, watch }) {
  const names = ['kubernetes', 'default', 'svc', 'cluster', 'local'];
  const question = Buffer.concat([
    Buffer.from([0x4d, 0x4c, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
    ...names.map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part)])),
    Buffer.from([0, 0, 1, 0, 1]),
  ]);
  return new Promise((resolve, reject) => {
    const answered = (bytes) => resolve({ bytes: bytes.length });
    if (protocol === 'UDP') {
      const socket = dgram.createSocket(net.isIPv6(ip) ? 'udp6' : 'udp4');
      socket.on('message', answered).on('error', reject).unref();
      socket.connect(port, ip, () => socket.send(question));
    } else {
      const socket = watch(net.connect({ host: ip, port }));
      const length = Buffer.from([0, question.length]);
      socket.on('connect', () => socket.write(Buffer.concat([length, question])));
      socket.on('data', answered).on('error', reject);
      socket.on('close', () => reject(closed()));
    }
  });
}

function closed() {
  return Object.assign(new Error('closed'), { code: 'ECLOSED' });
}

main().then(() => process.exit(0));
`;
