// A contestant: Microsoft's clients for Node, hyco-ws or hyco-https, listener
// and sender in one process. It reads where the relay is and then one order a
// line from standard input, and writes one outcome a line to standard output.
'use strict';

const readline = require('readline');
const { randomUUID } = require('crypto');
const { performance } = require('perf_hooks');

const role = process.env.BENCHPEERS_ROLE;
const hyco = require(role);

// As many bytes may wait in the client for the network. Without a bound all of
// a round's messages would, and the machine would be busy with memory.
const maxWaiting = 1 << 20;

function peer(at) {
  const base = 'wss://' + at.Namespace + '/$hc/' + at.HybridConnection;
  const token = () => hyco.createRelayToken(base, at.KeyName, at.Key);
  const listenURL = base + '?sb-hc-action=listen&sb-hc-id=' + randomUUID();
  return role === 'hyco-ws' ? webSockets(base, token, listenURL) : requests(at, token, listenURL);
}

const seconds = (start) => (performance.now() - start) / 1000;

function check(data, size, number) {
  if (data.length !== size) throw new Error(`message ${number} has ${data.length} bytes, want ${size}`);
  if (data.readUInt32BE(4) !== number) throw new Error(`message ${data.readUInt32BE(4)} arrived in place of ${number}`);
}

function numbered(size, number) {
  const message = Buffer.alloc(size);
  message.writeUInt32BE(number, 4);
  return message;
}

const binary = { binary: true };

async function webSockets(base, token, listenURL) {
  let accepted; // told of the next connection
  const server = hyco.createRelayedServer({ server: listenURL, token }, (ws) => accepted(ws));
  await new Promise((resolve, reject) => { server.on('listening', resolve); server.on('error', reject); });

  const opened = (ws) => new Promise((resolve, reject) => {
    ws.on('error', reject);
    if (ws.readyState === 1) resolve(ws); else ws.on('open', () => resolve(ws));
  });
  const open = async () => {
    const listener = new Promise((resolve) => { accepted = resolve; }).then(opened);
    const sender = opened(hyco.relayedConnect(base + '?sb-hc-action=connect&sb-hc-id=' + randomUUID(), token()));
    return Promise.all([sender, listener]);
  };
  const close = ([sender, listener]) => {
    const ended = Promise.all([sender, listener].map((ws) => new Promise((resolve) => ws.on('close', resolve))));
    sender.close(1000);
    return ended;
  };
  let pair;

  return {
    async stream({ size, count }) {
      const [sender, listener] = pair = pair || await open();
      const start = performance.now();
      await new Promise((resolve, reject) => {
        let received = 0;
        listener.removeAllListeners('message');
        listener.on('message', (data) => {
          try { check(data, size, received); } catch (err) { reject(err); }
          if (++received === count) resolve();
        });
        let sent = 0, waiting = 0;
        const gone = () => { waiting -= size; fill(); };
        const fill = () => {
          while (sent < count && waiting < maxWaiting) {
            waiting += size;
            sender.send(numbered(size, sent++), binary, gone);
          }
        };
        fill();
      });
      return { count, seconds: seconds(start) };
    },

    async pingpong({ size, count }) {
      const [sender, listener] = pair = pair || await open();
      const took = [];
      const start = performance.now();
      await new Promise((resolve, reject) => {
        let received = 0, sent = 0, began;
        listener.removeAllListeners('message');
        listener.on('message', (data) => {
          try { check(data, size, received++); } catch (err) { reject(err); }
          listener.send(data, binary);
        });
        sender.removeAllListeners('message');
        const next = () => {
          began = performance.now();
          sender.send(numbered(size, sent), binary);
        };
        sender.on('message', (data) => {
          try { check(data, size, sent++); } catch (err) { reject(err); }
          took.push((performance.now() - began) / 1000);
          if (sent === count) resolve(); else next();
        });
        next();
      });
      const total = seconds(start);
      took.sort((a, b) => a - b);
      return { count, seconds: total, p50: took[took.length >> 1], p99: took[Math.floor(took.length * 99 / 100)] };
    },

    async connect({ count }) {
      const start = performance.now();
      for (let i = 0; i < count; i++) await close(await open());
      return { count, seconds: seconds(start) };
    },

    async idle({ count }) {
      const inUse = () => {
        global.gc();
        global.gc();
        const m = process.memoryUsage();
        return m.heapUsed + m.external;
      };
      const before = inUse();
      const pairs = [];
      for (let i = 0; i < count; i++) pairs.push(await open());
      return { count, bytes: (inUse() - before) / (2 * pairs.length) };
    },
  };
}

async function requests(at, token, listenURL) {
  const body = Buffer.alloc(1 << 10);
  const server = hyco.createRelayedServer({ server: listenURL, token }, (req, res) => {
    res.setHeader('Content-Type', 'application/octet-stream');
    res.end(body);
  });
  await new Promise((resolve, reject) => {
    server.listen((err) => (err ? reject(err) : resolve()));
    server.on('listening', resolve);
    server.on('error', reject);
  });
  const agent = new hyco.Agent({ keepAlive: true, maxSockets: 64 });
  const url = 'https://' + at.Namespace + '/' + at.HybridConnection + '/item';
  const headers = { ServiceBusAuthorization: token() };
  const get = () => new Promise((resolve, reject) => {
    hyco.get(url, { agent, headers }, (res) => {
      let n = 0;
      res.on('data', (data) => { n += data.length; });
      res.on('end', () => (res.statusCode === 200 ? resolve(n) : reject(new Error('the answer is ' + res.statusCode))));
    }).on('error', reject);
  });
  return {
    async http({ size, count, inFlight }) {
      let asked = 0;
      const sender = async () => {
        while (asked++ < count) {
          const n = await get();
          if (n !== size) throw new Error(`an answer has ${n} bytes, want ${size}`);
        }
      };
      const start = performance.now();
      await Promise.all(Array.from({ length: inFlight }, sender));
      return { count, seconds: seconds(start) };
    },
  };
}

let at;
let before = Promise.resolve(); // orders are carried out one after the other
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  if (!at) {
    at = peer(message);
    at.catch(() => {}); // the first order tells
    return;
  }
  before = before.then(async () => {
    let done;
    try {
      done = await (await at)[message.op](message);
    } catch (err) {
      done = { error: String(err && err.message || err) };
    }
    process.stdout.write(JSON.stringify(done) + '\n');
  });
}).on('close', () => process.exit(0));
