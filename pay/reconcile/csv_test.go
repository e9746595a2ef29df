package reconcile_test

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"wxhub/model"
	"wxhub/pay/reconcile"
)

func TestCSV(t *testing.T) {
	var out strings.Builder
	c, err := reconcile.NewCSV(&out)
	if err != nil {
		t.Fatal(err)
	}
	hostile := []string{`=HYPERLINK("http://x")`, "+1", "-1", "@SUM(A1)", "\tx", "a,b", `say "so"`, "two\nlines"}
	for _, number := range hostile {
		if err := c.Write(model.Difference{Number: number, BillAmount: 1, OurAmount: 123456}); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	if err != nil || len(lines) != len(hostile)+1 || !slices.Equal(lines[0], reconcile.CSVHeader) {
		t.Fatalf("%d lines, error %v", len(lines), err)
	}
	if !strings.Contains(out.String(), "\r\n") {
		t.Error("lines must end with CRLF")
	}
	for i, line := range lines[1:] {
		number := line[slices.Index(reconcile.CSVHeader, "number")]
		if strings.ContainsAny(number[:1], "=+-@\t") || strings.TrimPrefix(number, "'") != hostile[i] {
			t.Errorf("%q became %q", hostile[i], number)
		}
		if bill, ours := line[slices.Index(reconcile.CSVHeader, "bill_yuan")], line[slices.Index(reconcile.CSVHeader, "our_yuan")]; bill != "0.01" || ours != "1234.56" {
			t.Errorf("amounts %s and %s", bill, ours)
		}
	}
}
