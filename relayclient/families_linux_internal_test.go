package relayclient

import (
	"context"
	"errors"
	"net"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// The address that is tried first may say nothing at all, neither yes nor no.
// The other family must not wait until the time is over.
func TestSilentFamilyIsOvertaken(t *testing.T) {
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skipf("no package brings IPv6 to a machine without it, and then there is one family alone: %v", err)
	}
	l.Close()
	port := silentlyBound(t)
	answering, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answering.Close() })
	cfg := &Config{Timing: Timing{}.withDefaults(), resolver: resolverOf(t, "127.0.0.1", "::1")}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var watch stopwatch
	conn, err := cfg.dialHost(ctx, net.JoinHostPort("fabrikam.servicebus.windows.net", port), &watch)
	if err != nil {
		t.Fatalf("the address that answers was not reached: %v", err)
	}
	conn.Close()
	if p := watch.done(); p.Address != answering.Addr().String() {
		t.Errorf("connected to %q, want %q", p.Address, answering.Addr())
	}
}

// silentlyBound returns a port of ::1 where the kernel drops every SYN: the
// queue of a socket that accepts nobody is full.
func silentlyBound(t *testing.T) (port string) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET6, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := errors.Join(
		syscall.SetsockoptInt(fd, syscall.IPPROTO_IPV6, syscall.IPV6_V6ONLY, 1),
		syscall.Bind(fd, &syscall.SockaddrInet6{Addr: [16]byte(net.IPv6loopback)}),
		syscall.Listen(fd, 0),
	); err != nil {
		t.Fatal(err)
	}
	bound, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	port = strconv.Itoa(bound.(*syscall.SockaddrInet6).Port)
	for range 16 {
		conn, err := net.DialTimeout("tcp6", net.JoinHostPort("::1", port), time.Second)
		var silence net.Error
		if errors.As(err, &silence) && silence.Timeout() {
			return port
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
	}
	t.Fatal("the queue does not fill up")
	return ""
}
