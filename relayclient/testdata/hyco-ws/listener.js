// Listens with Microsoft's client and converses with every sender.
'use strict';

const hyco = require('hyco-ws');
const { base, uuid, token, report, refused, failed, converse } = require('./common');

const server = hyco.createRelayedServer(
  { server: base + '?sb-hc-action=listen&sb-hc-id=' + uuid(), token }, converse);
server.on('listening', () => report({ event: 'listening' }));
server.on('error', failed);
// Without this the client tries again at once and for ever, and the relay's
// words are lost.
server.controlChannel.on('unexpected-response', refused);
