// What listener.js and sender.js share. A test writes one JSON command per
// line to standard input and reads one JSON report per line from standard
// output. Settings, the key among them, come from the environment.
'use strict';

const hyco = require('hyco-ws');
const readline = require('readline');

const { RELAY_NAMESPACE: namespace, RELAY_NAME: name, RELAY_KEY_NAME: keyName, RELAY_KEY: key } = process.env;

// The client's own helpers always say :443.
const base = exports.base = 'wss://' + namespace + '/$hc/' + name;
exports.uuid = require('crypto').randomUUID;
exports.token = (seconds) => hyco.createRelayToken(base, keyName, key, seconds);

const report = exports.report = (event) => process.stdout.write(JSON.stringify(event) + '\n');

exports.refused = (request, response) =>
  report({ event: 'refused', status: response.statusCode, reason: response.statusMessage });

exports.failed = (err) => report({ event: 'failed', reason: String(err && err.message || err) });

// asked returns what a URL asks for beside what belongs to the relay. The
// whole URL is not for printing: it is a credential.
function asked(url) {
  const [path, query] = url.split('?');
  return {
    path: path.slice(base.length),
    query: query.split('&').filter((pair) => !pair.startsWith('sb-hc-')).join('&'),
  };
}

let current; // the connection that commands are for

// converse reports everything that happens on a connection.
exports.converse = (ws) => {
  current = ws;
  ws.on('open', () => report({ event: 'open', protocol: ws.protocol || '', ...asked(ws.url) }));
  ws.on('message', (data, flags) => {
    const binary = Boolean(flags && flags.binary);
    report({ event: 'message', binary, data: Buffer.from(data).toString('base64') });
  });
  ws.on('close', (code, reason) => report({ event: 'closed', code, reason: String(reason) }));
};

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const command = JSON.parse(line);
  if (command.close) {
    current.close(command.close, command.reason);
    return;
  }
  const data = Buffer.from(command.data, 'base64');
  current.send(command.binary ? data : data.toString(), { binary: command.binary });
});
