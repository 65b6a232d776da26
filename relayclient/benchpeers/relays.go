package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"strconv"
	"sync"
	"time"

	"relayscope/relayclient/localrelay"
)

const ruleName = "bench"

// hybridConnections has one for each client, or they would take each other's
// senders.
var hybridConnections = []string{"ours", "floor", "hyco-ws", "hyco-https"}

func startLocalRelay() (address, func() error, error) {
	key := localrelay.NewKey()
	cfg := localrelay.Config{Rules: []localrelay.Rule{{Name: ruleName, PrimaryKey: key, Rights: localrelay.Listen | localrelay.Send}}}
	for _, name := range hybridConnections {
		cfg.Entities = append(cfg.Entities, localrelay.Entity{Name: name})
	}
	r, err := localrelay.Start(cfg)
	if err != nil {
		return address{}, nil, err
	}
	return address{Namespace: r.Namespace(), KeyName: ruleName, Key: key.Reveal(), CA: string(r.CertificatePEM())}, r.Close, nil
}

// startSplice joins each connection with the next one and copies the bytes
// inside TLS from one to the other.
func startSplice() (address, func() error, error) {
	l, at, err := listenTLS()
	if err != nil {
		return address{}, nil, err
	}
	var all sync.WaitGroup
	all.Go(func() {
		var waiting net.Conn
		for {
			conn, err := l.Accept()
			if err != nil {
				break
			}
			// Whoever has finished here may count on being the next in order.
			if conn.(*tls.Conn).Handshake() != nil {
				conn.Close()
				continue
			}
			if waiting == nil {
				waiting = conn
				continue
			}
			a, b := waiting, conn
			all.Go(func() { copyAndClose(a, b) })
			all.Go(func() { copyAndClose(b, a) })
			waiting = nil
		}
		if waiting != nil {
			waiting.Close()
		}
	})
	return at, func() error { l.Close(); all.Wait(); return nil }, nil
}

func copyAndClose(to, from net.Conn) {
	// However it ends, the other direction is over, too.
	_, _ = io.Copy(to, from)
	to.Close()
	from.Close()
}

// listenTLS listens on the loopback interface with the server's settings that
// localrelay has and a certificate of its own.
func listenTLS() (net.Listener, address, error) {
	fail := func(err error) (net.Listener, address, error) {
		return nil, address{}, fmt.Errorf("listen: %w", err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fail(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return fail(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"http/1.1"},
	})
	if err != nil {
		return fail(err)
	}
	return l, address{
		Namespace: net.JoinHostPort("localhost", strconv.Itoa(l.Addr().(*net.TCPAddr).Port)),
		KeyName:   ruleName,
		Key:       localrelay.NewKey().Reveal(), // nobody checks what it signs
		CA:        string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
	}, nil
}
