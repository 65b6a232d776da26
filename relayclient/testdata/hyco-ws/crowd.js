// Connects RELAY_COUNT times at once with Microsoft's client. Once all
// connections are open, each sends a message of its own, every second one as
// binary, and reports what comes back.
'use strict';

const hyco = require('hyco-ws');
const { base, uuid, token, report, failed } = require('./common');

const crowd = Array.from({ length: Number(process.env.RELAY_COUNT) }, () =>
  hyco.relayedConnect(base + '?sb-hc-action=connect&sb-hc-id=' + uuid(), token()));

let open = 0;
function opened() {
  open++;
  report({ event: 'open' });
  if (open === crowd.length) {
    crowd.forEach((ws, id) => ws.send('message ' + id, { binary: id % 2 === 1 }));
  }
}

crowd.forEach((ws, id) => {
  ws.on('open', opened);
  ws.on('message', (data, flags) => {
    report({ event: 'echo', id, binary: Boolean(flags && flags.binary), data: Buffer.from(data).toString('base64') });
    ws.close(1000);
  });
  ws.on('unexpected-response', (request, response) => failed(response.statusMessage));
  ws.on('error', failed);
});
