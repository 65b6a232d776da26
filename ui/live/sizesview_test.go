package live

import (
	"testing"
	"time"

	"relayscope/relayclient/request"
)

// A second run that ends like the first is drawn, although nobody looked while
// it went on.
func TestSizesOfASecondRun(t *testing.T) {
	began := time.Now()
	v := newSizesView(func() {})
	v.refresh(ProbeStatus{Since: began, Trials: []request.Trial{{Size: request.ProbeSizes[0]}}})
	v.refresh(ProbeStatus{Since: began.Add(time.Second), Trials: []request.Trial{{Size: request.ProbeSizes[0], Intact: true}}})
	if got := v.cells[0][len(sizeColumns)-1].Text; got != "✓ intact" {
		t.Errorf("the table says %q of the second run", got)
	}
}
