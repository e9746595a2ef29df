package applyment

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wxhub/model"
	"wxhub/wx"
)

var errCrash = errors.New("the process died here")

// TestTheStoreAndWeChatPayAgreeInTheEnd: submissions, lost answers, processes that die before any write, WeChat Pay's
// people and time, in any order. Once the faults are over and some time has passed, what we keep is what WeChat Pay says.
func TestTheStoreAndWeChatPayAgreeInTheEnd(t *testing.T) {
	all := []wx.ApplymentState{
		wx.ApplymentEditing, wx.ApplymentAuditing, wx.ApplymentRejected, wx.ApplymentToBeConfirmed, wx.ApplymentToBeSigned,
		wx.ApplymentSigning, wx.ApplymentFinished, wx.ApplymentCanceled,
	}
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t)
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			switch rapid.SampledFrom([]string{"submit", "submit", "lost before", "lost after", "crash", "people", "time", "sweep", "look"}).Draw(r, "step") {
			case "submit":
				_, _ = w.submit("code_1", rapid.SampledFrom([]string{"茶", "水"}).Draw(r, "shop"), rapid.SampledFrom([]string{"", "k1", "k2"}).Draw(r, "key"))
			case "lost before":
				w.office.before = func() error { w.office.before = nil; return wx.ErrTimeout }
			case "lost after":
				w.office.after = func() error { w.office.after = nil; return wx.ErrTimeout }
			case "crash":
				n := rapid.IntRange(0, 2).Draw(r, "writes before it")
				w.store.fail = func(string) error {
					if n--; n < 0 {
						w.store.fail = nil
						return errCrash
					}
					return nil
				}
			case "people":
				if s := w.office.known["code_1"]; s != nil && s.State != wx.ApplymentFinished {
					w.office.says("code_1", rapid.SampledFrom(all).Draw(r, "state"))
				}
			case "time":
				w.at = w.at.Add(time.Duration(rapid.IntRange(1, 600).Draw(r, "seconds")) * time.Second)
			case "sweep":
				_, _ = w.Sweep(context.Background())
			case "look":
				_, _ = w.Find(context.Background(), provider, "code_1", true)
			}
		}
		w.store.fail, w.office.before, w.office.after = nil, nil, nil
		w.at = w.at.Add(neverLater + time.Second)
		for range 3 {
			_, _ = w.Sweep(context.Background())
			_, _ = w.Find(context.Background(), provider, "code_1", true)
		}
		a, err := w.stored(context.Background(), provider+":code_1")
		s := w.office.known["code_1"]
		switch {
		case errors.Is(err, errNone):
			if s != nil {
				r.Fatalf("WeChat Pay has what the store never had: %+v", s)
			}
		case s == nil:
			if a.Status != model.ApplymentUnsubmitted {
				r.Fatalf("WeChat Pay has none, and ours is %s", a.Status)
			}
		case a.Status != states[s.State] || a.ApplymentID != s.ApplymentID:
			r.Fatalf("WeChat Pay says %s %d, ours is %s %d", s.State, s.ApplymentID, a.Status, a.ApplymentID)
		case !pending(a.Status) != a.CheckAt.IsZero():
			r.Fatalf("%s, and to be looked at %v", a.Status, a.CheckAt)
		}
	})
}

// TestManySubmitOneApplication: as many as there are, WeChat Pay takes one in, and all of them learn of it.
func TestManySubmitOneApplication(t *testing.T) {
	w := newWorld(t)
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			key := ""
			if i%2 == 0 {
				key = "k1"
			}
			a, err := w.submit("code_1", "茶", key)
			if code := model.CodeOf(err); err != nil && code != "applyment_under_way" && code != "idempotency_conflict" {
				t.Errorf("%+v, %v", a, err)
			}
		})
	}
	wg.Wait()
	w.at = w.at.Add(time.Minute)
	w.sweep()
	w.stands("code_1", model.ApplymentAuditing)
	if w.office.taken["code_1"] != 1 {
		t.Errorf("taken %v", w.office.taken)
	}
}

func TestNextChecksBecomeRarer(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		status     model.ApplymentStatus
		age, pause time.Duration
	}{
		{model.ApplymentCreated, 30 * 24 * time.Hour, 30 * time.Second},
		{model.ApplymentAuditing, 0, 30 * time.Second},
		{model.ApplymentAuditing, time.Hour, 5 * time.Minute},
		{model.ApplymentAuditing, 3 * 24 * time.Hour, 30 * time.Minute},
		{model.ApplymentToBeSigned, 20 * 24 * time.Hour, 2 * time.Hour},
	} {
		if got := w.nextCheck(model.Applyment{Status: c.status, ChangedAt: w.at.Add(-c.age)}); got.Sub(w.at) != c.pause {
			t.Errorf("%s for %s: %s, want %s", c.status, c.age, got.Sub(w.at), c.pause)
		}
	}
}

func TestMediaIsToldByItsContent(t *testing.T) {
	big := make([]byte, MaxVideo+1)
	for name, c := range map[string]struct {
		name, content, want string
	}{
		"a jpg":                       {"a.txt", "\xff\xd8\xff…", "image.jpg"},
		"a png":                       {"", "\x89PNG\r\n\x1a\n", "image.png"},
		"a bmp":                       {"a.BMP", "BM…", "image.bmp"},
		"a video":                     {"film\"\r\nx: y.MP4", "film", "video.mp4"},
		"a text":                      {"a.jpg", "text", ""},
		"nothing":                     {"a.jpg", "", ""},
		"an empty video":              {"a.mp4", "", ""},
		"a large image":               {"a.jpg", "\xff\xd8\xff" + string(big[:MaxImage]), ""},
		"a video that is too large":   {"a.mp4", string(big), ""},
		"a video of the largest kind": {"a.mkv", string(big[1:]), "video.mkv"},
	} {
		m, err := mediaOf(c.name, []byte(c.content))
		if m.Name != c.want || (err == nil) != (c.want != "") || m.Video != (m.Name != "" && m.Name[0] == 'v') {
			t.Errorf("%s: %s %s %v", name, m.Name, m.ContentType, err)
		}
	}
}
