package main

import _ "embed"

// peerScript drives Microsoft's clients in Node.
//
//go:embed peer.js
var peerScript []byte
