package relayclient_test

import (
	"slices"
	"sync"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
)

func TestProgressTellsEveryStageInOrder(t *testing.T) {
	relay := localrelaytest.New(t)
	var mu sync.Mutex
	var stages []relayclient.Stage
	ctx := relayclient.WithProgress(t.Context(), func(s relayclient.Stage) {
		mu.Lock()
		defer mu.Unlock()
		stages = append(stages, s)
	})
	l, err := relayclient.Listen(ctx, config(t, relay, "hyco", "both"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	mu.Lock()
	defer mu.Unlock()
	want := []relayclient.Stage{relayclient.GettingToken, relayclient.LookingUp, relayclient.ConnectingTCP, relayclient.SecuringTLS, relayclient.Upgrading}
	if !slices.Equal(stages, want) && !slices.Equal(stages, slices.Delete(slices.Clone(want), 1, 2)) { // an address is not looked up
		t.Errorf("stages %v, want %v", stages, want)
	}
}
