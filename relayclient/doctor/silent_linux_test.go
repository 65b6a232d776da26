package doctor_test

import (
	"context"
	"net"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"relayscope/relayclient/doctor"
)

// full is a port whose queue of connections is full. Linux drops further
// attempts, as a firewall does.
func full(t testing.TB) (address string) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address = net.JoinHostPort("127.0.0.1", strconv.Itoa(name.(*syscall.SockaddrInet4).Port))
	for range 4 { // one fits; the last of them shows that no more do
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		cancel()
		if err != nil {
			return address
		}
		t.Cleanup(func() { conn.Close() })
	}
	t.Fatal("the queue takes more connections than it should")
	return ""
}

func init() {
	hangs[doctor.TCP] = func(t *testing.T) doctor.Plan { return doctor.Plan{Send: sender(full(t))} }
}

func TestPortIsBlocked(t *testing.T) {
	address := full(t)
	_, port, _ := strings.Cut(address, ":")
	report := test(t, t.Context(), doctor.Plan{Send: sender(address), Budget: time.Second})
	if want := "DNS is fine, but port " + port + " is blocked: nothing answers (gave up after "; !strings.HasPrefix(report.Headline, want) {
		t.Errorf("headline is %q, want %q", report.Headline, want)
	}
	if step := report.Step(doctor.TCP); len(step.Seen) != 1 || step.Seen[0].Detail != "silent" {
		t.Errorf("seen: %+v", step.Seen)
	}
}
