package paytest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/storetest"
)

func transfers(s Store) storetest.Aggregate[model.Transfer] {
	return storetest.Aggregate[model.Transfer]{
		Sample: func(n int) model.Transfer {
			at := storetest.Epoch()
			return model.Transfer{
				MerchantID: "1900000001", AppID: "wx1", UserID: "user-1", OpenID: "open-1", Amount: model.Fen(n), SceneID: "1000", Remark: "茶",
				Perception: "现金奖励", Reports: []model.TransferReport{{Type: "活动名称", Content: "x"}}, UserName: "a", NotifyURL: "https://example.test/n",
				Status: model.TransferWaiting, PackageInfo: "p", TransferBillNo: "1330", LastError: "e", BodyHash: "h",
				CreatedAt: at, FinishedAt: at.Add(time.Minute), CheckAt: at.Add(time.Hour), History: []model.Step{{At: at, What: "created"}},
			}
		},
		Key:     func(t *model.Transfer, key string) { t.ID = key },
		Version: func(t *model.Transfer) *int64 { return &t.Version },
		Add:     s.AddTransfer,
		Read:    func(ctx context.Context, t model.Transfer) (model.Transfer, error) { return s.Transfer(ctx, t.ID) },
		Replace: s.ReplaceTransfer,
	}
}

func dueTransfers(t *testing.T, s Store) {
	now := storetest.Epoch()
	for i, late := range []time.Duration{time.Second, time.Hour, 0, -time.Millisecond} {
		addTransfer(t, s, model.Transfer{ID: fmt.Sprintf("transfer-%d", i), CheckAt: now.Add(-late)})
	}
	addTransfer(t, s, model.Transfer{ID: "transfer-never"})
	longestFirst := []string{"transfer-1", "transfer-0", "transfer-2"}
	for _, limit := range []int{0, 1, 2, 100} {
		due, err := s.DueTransfers(context.Background(), now, limit)
		var got []string
		for _, x := range due {
			got = append(got, x.ID)
		}
		if want := longestFirst[:min(limit, 3)]; err != nil || !slices.Equal(got, want) {
			t.Errorf("due, limit %d: got %v, want %v, error %v", limit, got, want, err)
		}
	}
}

func addTransfer(t *testing.T, s Store, x model.Transfer) {
	t.Helper()
	if created, err := s.AddTransfer(context.Background(), x); err != nil || !created {
		t.Fatalf("add %s: %v, %v", x.ID, created, err)
	}
}
