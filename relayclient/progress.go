package relayclient

import "context"

type progressKey struct{}

// WithProgress returns a context for Listen or Dial with which f is told of
// each stage of opening a WebSocket as it begins, also when a listener opens
// its control channel again. f may be called from several goroutines; it must
// be quick.
func WithProgress(ctx context.Context, f func(Stage)) context.Context {
	return context.WithValue(ctx, progressKey{}, f)
}

// progressOf returns what ctx was given; nil if nothing.
func progressOf(ctx context.Context) func(Stage) {
	f, _ := ctx.Value(progressKey{}).(func(Stage))
	return f
}
