// Connects with Microsoft's client, to RELAY_PATH and RELAY_QUERY and with
// RELAY_PROTOCOLS if there are any.
'use strict';

const hyco = require('hyco-ws');
const { base, uuid, token, refused, failed, converse } = require('./common');

const { RELAY_PATH: path, RELAY_QUERY: query, RELAY_PROTOCOLS: protocols } = process.env;
const uri = base + path + '?' + (query ? query + '&' : '') + 'sb-hc-action=connect&sb-hc-id=' + uuid();
// relayedConnect has no parameter for subprotocols.
const ws = protocols
  ? new hyco(uri, protocols.split(','), { headers: { ServiceBusAuthorization: token() } })
  : hyco.relayedConnect(uri, token());
ws.on('unexpected-response', refused);
ws.on('error', failed);
converse(ws);
