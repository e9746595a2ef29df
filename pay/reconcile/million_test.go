package reconcile_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/pay/reconcile"
	"wxhub/wx/bill"
)

const (
	// rowsVariable makes the comparison as large as somebody wants it: make reconcile-bench.
	rowsVariable = "WXHUB_RECONCILE_ROWS"
	// childVariable makes this program the process that compares, in the directory that it names.
	childVariable = "WXHUB_RECONCILE_CHILD"
	seeded        = 500
)

// TestMillionRowsFindEachSeededDifferenceAndNoOther compares a large bill in a process of its own, so that
// its memory can be told. The size is 20,000 rows unless the environment says otherwise. What is
// found must be exactly what was seeded; time and memory are printed.
func TestMillionRowsFindEachSeededDifferenceAndNoOther(t *testing.T) {
	if dir := os.Getenv(childVariable); dir != "" {
		compareAsChild(t, dir)
		return
	}
	rows, err := strconv.Atoi(os.Getenv(rowsVariable))
	if err != nil {
		rows = 20_000
	}
	w := newWorld(t, t.TempDir())
	want := map[string]bool{}
	every, step := rows/seeded, 22*time.Hour/time.Duration(2*rows)
	for i := 0; len(w.rows) < rows || len(want) < seeded; i++ {
		at := noon.Add(-11*time.Hour + time.Duration(i)*step)
		o := w.order(shop, model.Fen(100+i%900_000), at)
		if i%every == 0 && len(want) < seeded {
			want[seeds[len(want)%len(seeds)](w, o)] = true
			continue
		}
		kind := 0
		if i%10 == 0 {
			kind = i / 10 % len(harmless)
		}
		harmless[kind](w, o)
	}
	w.save()
	for name, of := range map[string]any{"paid.json": w.weChat.paid, "refunds.json": w.weChat.refunds} {
		text, err := json.Marshal(of)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(w.dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v") //nolint:gosec // ourselves
	child.Env = append(os.Environ(), childVariable+"="+w.dir)
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("the process that compares failed: %v\n%s", err, out)
	}
	t.Logf("%d rows: %s", len(w.rows), regexp.MustCompile(`took .*`).Find(out))

	got := w.found(model.DifferenceFilter{MerchantID: shop, Date: date})
	notFound := slices.DeleteFunc(slices.Collect(maps.Keys(want)), func(x string) bool { _, found := got[x]; return found })
	if n := len(notFound); n > 0 {
		t.Errorf("%d were not found: %v …", n, notFound[:min(n, 5)])
	}
	falseOnes := slices.DeleteFunc(slices.Collect(maps.Keys(got)), func(x string) bool { return want[x] })
	if n := len(falseOnes); n > 0 {
		t.Errorf("%d are false: %v …", n, falseOnes[:min(n, 5)])
	}
	st, err := w.service().Statement(context.Background(), shop, "", date)
	if err != nil || st.Rows != int64(len(w.rows)) || st.Status != model.StatementDone || int64(st.BillPayments.Amount) != w.sums.orders {
		t.Errorf("statement %+v, error %v", st, err)
	}
}

func compareAsChild(t *testing.T, dir string) {
	w := newWorld(t, dir)
	for name, into := range map[string]any{"paid.json": &w.weChat.paid, "refunds.json": &w.weChat.refunds} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatal(err)
		}
	}
	file, err := bill.Open(filepath.Join(dir, "bill.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	began := time.Now()
	if _, err := w.service().Run(context.Background(), reconcile.Request{MerchantID: shop, Date: date, File: file}); err != nil {
		t.Fatal(err)
	}
	fmt.Printf("took %s, at most %s of memory\n", time.Since(began).Round(time.Millisecond), mostMemory())
}

// mostMemory is the largest size that this process had, where the system tells.
func mostMemory() string {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "an unknown amount"
	}
	return string(regexp.MustCompile(`(?m)VmHWM:\s*(.*)$`).FindSubmatch(status)[1])
}
