package browsertest

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
)

// maxFirstPage is what a payer's first page may weigh with all that it needs, in bytes on
// the wire.
const maxFirstPage = 50 << 10

// The first page of a payer is light, needs no font, and can be used after one round trip:
// its own text names all that it needs, and no script asks for more.
func TestTheFirstPageIsLight(t *testing.T) {
	s := newStage(t)
	for name, path := range map[string]string{"lead-in": "/c/counter-1", "cashier": "/pay/" + s.order(nil), "not found": "/c/nothing"} {
		b := s.open(phone)
		b.visit(s.URL + path)
		b.until(`document.readyState === 'complete'`)
		b.until(`!document.querySelector('script[src]') || performance.getEntriesByType('resource').length >= 2`)
		b.mu.Lock()
		total := 0
		for _, n := range b.weights {
			total += n
		}
		sent, kinds := len(b.requests), b.kinds
		b.mu.Unlock()
		if total == 0 || total > maxFirstPage {
			t.Errorf("%s weighs %d bytes", name, total)
		}
		t.Logf("%s: %d bytes in %d requests", name, total, sent)
		for _, k := range kinds {
			if k.Type == network.ResourceTypeFont || k.Type == network.ResourceTypeXHR || k.Type == network.ResourceTypeFetch {
				t.Errorf("%s loads a %s: %s", name, k.Type, k.Request.URL)
			}
			if k.Type != network.ResourceTypeDocument && !strings.HasPrefix(k.Request.URL, s.URL+"/static/") {
				t.Errorf("%s loads %s", name, k.Request.URL)
			}
			if by := k.Initiator; by != nil && by.Type == network.InitiatorTypeScript {
				t.Errorf("%s: a script asks for %s", name, k.Request.URL)
			}
		}
	}
}
