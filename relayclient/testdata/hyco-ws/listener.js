// Listens with Microsoft's client and converses with every sender, or, with
// RELAY_ECHO, sends everything back.
'use strict';

const hyco = require('hyco-ws');
const { base, uuid, token, report, refused, failed, converse } = require('./common');

// The first token lives for this long, those after it an hour.
let { RELAY_TOKEN_SECONDS: lifetime, RELAY_ECHO: echo } = process.env;

function nextToken() {
  const made = token(lifetime && Number(lifetime));
  lifetime = undefined;
  return made;
}

function sendBack(ws) {
  ws.on('message', (data, flags) => ws.send(data, { binary: Boolean(flags && flags.binary) }));
}

const server = hyco.createRelayedServer(
  { server: base + '?sb-hc-action=listen&sb-hc-id=' + uuid(), token: nextToken }, echo ? sendBack : converse);
server.on('listening', () => {
  server.controlChannel.on('close', (code, reason) => report({ event: 'lost', code, reason: String(reason) }));
  report({ event: 'listening' });
});
server.on('error', failed);
// Without this the client tries again at once and for ever, and the relay's
// words are lost.
server.controlChannel.on('unexpected-response', refused);
