package localrelay

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// listenLoopback opens the TCP listeners for a loopback address.
func listenLoopback(address string) ([]net.Listener, error) {
	if address == "" {
		address = net.JoinHostPort(hostName, "0")
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("listen address: %w", err)
	}
	if !strings.EqualFold(host, hostName) {
		if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
			return nil, fmt.Errorf("listen address %q is not on the loopback interface", address)
		}
		l, err := net.Listen("tcp", address)
		return []net.Listener{l}, err
	}
	// Clients differ in which address of localhost they try first, and on some
	// systems being refused there costs them seconds.
	probe, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		l, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", port))
		return []net.Listener{l}, err
	}
	probe.Close()
	for attempt := 1; ; attempt++ {
		v4, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", port))
		if err != nil {
			return nil, err
		}
		chosen := strconv.Itoa(v4.Addr().(*net.TCPAddr).Port)
		v6, err := net.Listen("tcp6", net.JoinHostPort("::1", chosen))
		if err == nil {
			return []net.Listener{v4, v6}, nil
		}
		v4.Close()
		if chosen == port || attempt == 10 { // it was asked for by number, or luck is not to be had
			return nil, err
		}
	}
}
