package pay

import (
	"testing"

	"wxhub/model"
)

func TestCombinedTransitionsOfEveryPair(t *testing.T) {
	matrix := map[model.CombinedStatus]string{
		//                       reserving asked closed
		model.CombinedReserving: ".++",
		model.CombinedAsked:     "..+",
		model.CombinedClosed:    "...",
	}
	if len(matrix) != len(model.CombinedStatuses) || len(combinedMoves) != len(model.CombinedStatuses) {
		t.Fatal("a status is missing from a table")
	}
	for from, row := range matrix {
		for i, to := range model.CombinedStatuses {
			was := model.CombinedOrder{Payments: []model.CombinedPayment{{OutTradeNo: "n", Status: from}}}
			is := model.CombinedOrder{Payments: []model.CombinedPayment{{OutTradeNo: "n", Status: to}}}
			if allowed := row[i] == '+' || from == to; allowed != (lawfulCombined(was, is) == nil) {
				t.Errorf("%s → %s: %v", from, to, lawfulCombined(was, is))
			}
		}
	}
}

func TestWhatACombinedOrderMayNeverBecome(t *testing.T) {
	was := model.CombinedOrder{ID: "c", MerchantID: "m", Orders: []string{"1", "2"}, Payments: []model.CombinedPayment{{OutTradeNo: "n", Status: model.CombinedAsked}}}
	for name, is := range map[string]model.CombinedOrder{
		"another id":       {ID: "d", MerchantID: "m", Orders: was.Orders, Payments: was.Payments},
		"another merchant": {ID: "c", MerchantID: "n", Orders: was.Orders, Payments: was.Payments},
		"other orders":     {ID: "c", MerchantID: "m", Orders: []string{"1", "3"}, Payments: was.Payments},
		"an order less":    {ID: "c", MerchantID: "m", Orders: []string{"1"}, Payments: was.Payments},
		"an attempt less":  {ID: "c", MerchantID: "m", Orders: was.Orders},
		"another number":   {ID: "c", MerchantID: "m", Orders: was.Orders, Payments: []model.CombinedPayment{{OutTradeNo: "o", Status: model.CombinedAsked}}},
		"no status of ours": {ID: "c", MerchantID: "m", Orders: was.Orders, Payments: []model.CombinedPayment{
			was.Payments[0], {OutTradeNo: "o", Status: "unheard of"},
		}},
	} {
		if lawfulCombined(was, is) == nil {
			t.Errorf("%s is taken for lawful", name)
		}
	}
}
