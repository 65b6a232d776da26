// What listener.js and sender.js share. Settings, the key among them, come
// from the environment.
'use strict';

const crypto = require('crypto');
const https = require('hyco-https');

const { RELAY_NAMESPACE: namespace, RELAY_NAME: name, RELAY_KEY_NAME: keyName, RELAY_KEY: key } = process.env;

exports.namespace = namespace;
exports.name = name;
exports.token = (seconds) => https.createRelayToken(https.createRelayHttpsUri(namespace, name), keyName, key, seconds);

const report = exports.report = (event) => process.stdout.write(JSON.stringify(event) + '\n');

exports.failed = (err, id) => report({ event: 'failed', id, reason: String(err && err.message || err) });

// noise returns the same bytes as the test's function of that name.
exports.noise = (seed, length) => {
  const key = Buffer.alloc(16);
  key.writeUInt16BE(seed);
  return crypto.createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
};

// pieces cuts a body into parts of unequal size.
exports.pieces = (body) => {
  const third = Math.ceil(body.length / 3);
  return [body.subarray(0, third), body.subarray(third, third + 1), body.subarray(third + 1)].filter((part) => part.length > 0);
};

// digest reads a body to its end and says what it was.
exports.digest = (stream, done) => {
  const hash = crypto.createHash('sha256');
  let length = 0;
  stream.on('data', (chunk) => { hash.update(chunk); length += chunk.length; });
  stream.on('end', () => done({ length, sha256: hash.digest('hex') }));
};
