package peertest

import (
	"context"
	"testing"

	"github.com/silenceper/wechat/v2/credential"
)

// BenchmarkAccessToken reads a token that is there: the case of nearly every call.
// wxhub's results say how many times as many reads a second it makes.
func BenchmarkAccessToken(b *testing.B) {
	for _, way := range []struct {
		name string
		read func(*testing.B, credential.AccessTokenContextHandle)
	}{
		{"one-reader", oneReader},
		{"many-readers", manyReaders},
	} {
		b.Run(way.name, func(b *testing.B) {
			p := newPlatform(b)
			var theirs float64
			b.Run("silenceper", func(b *testing.B) {
				theirs = measure(b, p.theirs(b), way.read)
			})
			b.Run("wxhub", func(b *testing.B) {
				ours := measure(b, p.ours(b), way.read)
				if theirs > 0 { // both were selected
					b.ReportMetric(ours/theirs, "x-silenceper")
				}
			})
		})
	}
}

// measure returns reads per second.
func measure(b *testing.B, h credential.AccessTokenContextHandle, read func(*testing.B, credential.AccessTokenContextHandle)) float64 {
	b.Helper()
	if token, err := h.GetAccessTokenContext(context.Background()); err != nil || token == "" {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	read(b, h)
	perSecond := float64(b.N) / b.Elapsed().Seconds()
	b.ReportMetric(perSecond, "reads/s")
	return perSecond
}

func oneReader(b *testing.B, h credential.AccessTokenContextHandle) {
	for range b.N {
		if _, err := h.GetAccessTokenContext(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}

func manyReaders(b *testing.B, h credential.AccessTokenContextHandle) {
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := h.GetAccessTokenContext(context.Background()); err != nil {
				b.Error(err)
			}
		}
	})
}
