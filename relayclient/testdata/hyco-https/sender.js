// Sends the requests that the test writes to standard input, one JSON object
// per line, and reports every answer.
'use strict';

const https = require('hyco-https');
const readline = require('readline');
const { namespace, name, token, report, failed, noise, pieces, digest } = require('./common');

const [host, port] = namespace.split(':');

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, target, headers, carrier, length, chunked, seed } = JSON.parse(line);
  if (carrier === 'header') {
    headers.ServiceBusAuthorization = token();
  }
  const uri = https.createRelayHttpsUri(namespace, name + target, carrier === 'query' ? token() : null);
  const path = uri.slice(('https://' + namespace).length); // not parsed, which might change it
  const body = length < 0 ? null : noise(seed, length);
  if (chunked) {
    headers['Transfer-Encoding'] = 'chunked';
  } else if (body) {
    headers['Content-Length'] = body.length;
  }
  const request = https.request({ host, port, path, method, headers }, (response) => {
    response.on('error', (err) => failed(err, id));
    digest(response, (got) => {
      const headers = {};
      for (const [name, value] of Object.entries(response.headers)) {
        headers[name] = String(value);
      }
      report({ event: 'answer', id, status: response.statusCode, reason: response.statusMessage, headers, ...got });
    });
  });
  request.on('error', (err) => failed(err, id));
  if (chunked) {
    pieces(body).forEach((part) => request.write(part));
    request.end();
  } else {
    request.end(body || undefined);
  }
});
