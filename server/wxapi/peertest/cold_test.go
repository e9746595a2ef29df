package peertest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/silenceper/wechat/v2/credential"

	"wxhub/wx/sandbox"
)

const instances = 8

// Eight programs begin at the same moment, and nobody has a token yet.
func TestEightColdInstances(t *testing.T) {
	for _, test := range []struct {
		name string
		make func(platform, testing.TB) credential.AccessTokenContextHandle
		want int // 0: whatever it is
	}{
		{"silenceper with its Redis cache", platform.theirs, 0},
		{"wxhub", platform.ours, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPlatform(t)
			// WeChat takes its time, so that all of them ask before the first is answered.
			if _, err := p.AddFault(sandbox.Fault{Match: "/cgi-bin/stable_token", Kind: "delay", Delay: 200 * time.Millisecond, Times: instances}); err != nil {
				t.Fatal(err)
			}
			tokens, begin := make([]string, instances), make(chan struct{})
			var wg sync.WaitGroup
			for i := range tokens {
				instance := test.make(p, t)
				wg.Go(func() {
					<-begin
					var err error
					if tokens[i], err = instance.GetAccessTokenContext(context.Background()); err != nil {
						t.Error(err)
					}
				})
			}
			close(begin)
			wg.Wait()
			t.Logf("%d cold instances asked WeChat %d times", instances, p.fetches())
			if test.want > 0 && p.fetches() != test.want {
				t.Errorf("want %d", test.want)
			}
			for _, got := range tokens {
				if got != tokens[0] || got == "" {
					t.Error("not all have the same token")
				}
			}
		})
	}
}
