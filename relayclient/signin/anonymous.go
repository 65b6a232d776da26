package signin

import (
	"context"
	"errors"
	"time"

	"relayscope/relayclient"
)

// ErrAuthorizationRequired means that a sender has no token, and that the
// hybrid connection's runtime information says that it needs one.
var ErrAuthorizationRequired = errors.New("signin: the hybrid connection requires authorization of senders")

// infoPatience is how long the runtime information may take. Without it a
// sender learns the same a little later, from the relay's refusal.
const infoPatience = 3 * time.Second

// CheckAnonymous asks the relay, as reader, whether senders need a token, and
// returns ErrAuthorizationRequired if they do. known is false if reader may not
// read that, which takes the Manage right, or has got no answer.
func CheckAnonymous(ctx context.Context, reader relayclient.Config) (known bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, infoPatience)
	defer cancel()
	info, err := relayclient.GetRuntimeInfo(ctx, reader)
	switch {
	case err != nil:
		return false, nil
	case info.RequiresClientAuthorization:
		return true, ErrAuthorizationRequired
	}
	return true, nil
}
