// Listens with Microsoft's client RELAY_LISTENERS times and answers every
// request as its header X-Answer wants it, with what it saw in X-Seen.
'use strict';

const crypto = require('crypto');
const https = require('hyco-https');
const moment = require('moment');
const { namespace, name, token, report, failed, noise, pieces, digest } = require('./common');

// The first token of a listener lives for this long, those after it an hour.
let { RELAY_TOKEN_SECONDS: seconds, RELAY_LISTENERS: listeners = 1, RELAY_PONG_MILLISECONDS: pongs } = process.env;

function answer(number, req, res, body) {
  const want = JSON.parse(req.headers['x-answer']);
  if (want.late) {
    setTimeout(send, want.late, want, number, req, res, body);
  } else {
    send(want, number, req, res, body);
  }
}

function send(want, number, req, res, body) {
  const seen = { listener: number, method: req.method, target: req.url, headers: req.headers, ...body };
  res.setHeader('X-Seen', JSON.stringify(seen));
  for (const [name, value] of Object.entries(want.headers || {})) {
    res.setHeader(name, value);
  }
  if (want.reason) {
    res.writeHead(want.status, want.reason);
  } else {
    res.statusCode = want.status;
  }
  const content = noise(want.seed, want.length);
  if (want.unfinished) {
    res.write(content);
  } else if (want.pieces) {
    pieces(content).forEach((part) => res.write(part));
    res.end();
  } else if (content.length > 0) {
    res.end(content);
  } else {
    res.end(); // an empty buffer would never be sent
  }
}

for (let number = 1; number <= listeners; number++) {
  // The client's own helper for this always says :443.
  const uri = 'wss://' + namespace + '/$hc/' + name + '?sb-hc-action=listen&sb-hc-id=' + crypto.randomUUID();
  let lifetime = seconds && Number(seconds);
  const server = https.createRelayedServer({
    server: uri,
    // Unsolicited PONGs. One of them between the two halves of a closing makes
    // the client reconnect twice, and lose answers after that.
    keepAliveTimeout: pongs && moment.duration(Number(pongs), 'milliseconds'),
    token: () => {
      const made = token(lifetime);
      lifetime = undefined;
      return made;
    },
  }, (req, res) => digest(req, (body) => answer(number, req, res, body)));
  server.on('listening', () => {
    server.controlChannel.on('close', (code, reason) => report({ event: 'lost', code, reason }));
    report({ event: 'listening' });
  });
  server.on('error', failed);
  server.listen();
  server.controlChannel.on('unexpected-response', (request, response) =>
    report({ event: 'refused', status: response.statusCode, reason: response.statusMessage }));
}
