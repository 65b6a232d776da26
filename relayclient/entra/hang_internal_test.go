package entra

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// A stubborn credential does not look at its context.
type stubborn struct{ release chan struct{} }

func (s stubborn) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	<-s.release
	return azcore.AccessToken{}, errors.New("too late")
}

func TestCredentialThatDoesNotReturnIsNotWaitedFor(t *testing.T) {
	s := stubborn{make(chan struct{})}
	p := newProvider(Config{Timeout: 50 * time.Millisecond}.withDefaults(), FromCLI, s)
	began := time.Now()
	_, err := p.Token(t.Context(), "")
	var e *Error
	if !errors.As(err, &e) || e.Kind != TimedOut || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error is %v, want that the time was over", err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
	p.mu.Lock()
	abandoned := p.flight == nil
	p.mu.Unlock()
	if !abandoned {
		t.Error("the next caller would wait for the same request")
	}
	close(s.release)
}
