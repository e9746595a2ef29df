package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"wxhub/cmd/internal/app"
	"wxhub/cmd/internal/config"
	"wxhub/model"
	"wxhub/pay/reconcile"
	"wxhub/wx"
	"wxhub/wx/bill"
)

type reconcileCommand struct {
	Merchant    string `help:"Merchant id." required:"" placeholder:"ID"`
	SubMerchant string `help:"Of a service provider: this sub merchant alone." placeholder:"ID"`
	Date        string `help:"The day in China." required:"" placeholder:"YYYY-MM-DD"`
	Out         string `help:"Write the differences of the day here, as CSV." placeholder:"FILE.csv"`
	File        string `help:"Compare this bill, of type ALL, instead of downloading one." placeholder:"BILL"`
	FlowFile    string `help:"Compare this fund-flow bill of the basic account too." placeholder:"BILL"`
}

// Run compares one day; exit 3 when differences remain open.
func (r reconcileCommand) Run(c *commands) error {
	return withReconciler(c, func(ctx context.Context, s *app.Reconciler) error {
		request := reconcile.Request{MerchantID: r.Merchant, SubMerchantID: r.SubMerchant, Date: r.Date}
		for _, given := range []struct {
			path string
			into *wx.Bill
		}{{r.File, &request.File}, {r.FlowFile, &request.FlowFile}} {
			if given.path == "" {
				continue
			}
			file, err := bill.Open(given.path)
			if err != nil {
				return configError{err}
			}
			defer file.Close() //nolint:errcheck // it was read
			*given.into = file
		}
		bar := newBar(os.Stderr)
		request.Progress = bar.show
		st, err := s.Run(ctx, request)
		bar.clear()
		if err != nil {
			return usage(err)
		}
		printStatement(os.Stdout, st)
		if r.Out != "" {
			if err := writeDifferences(ctx, s, r.Out, dayOf(st)); err != nil {
				return err
			}
		}
		if st.Open > 0 {
			return differs{fmt.Errorf("%d differences are open; see: wxhub differences list --merchant %s --date %s", st.Open, st.MerchantID, st.Date)}
		}
		return nil
	})
}

// usage gives exit code 2 to what the command line got wrong.
func usage(err error) error {
	var ours *model.Error
	if errors.As(err, &ours) && (ours.Kind == model.KindInvalid || errors.Is(err, wx.ErrMerchantUnknown)) {
		return configError{err}
	}
	return err
}

func dayOf(st model.Statement) model.DifferenceFilter {
	return model.DifferenceFilter{MerchantID: st.MerchantID, SubMerchantID: st.SubMerchantID, Date: st.Date}
}

func printStatement(w io.Writer, st model.Statement) {
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	whose := "merchant " + st.MerchantID
	if st.SubMerchantID != "" {
		whose += ", sub merchant " + st.SubMerchantID
	}
	line("%s, %s in China: %d rows in the bill", whose, st.Date, st.Rows)
	line("%-10s %10s %16s   %10s %16s", "", "bill", "yuan", "orders", "yuan")
	row := func(name string, theirs, ours model.Sum) {
		line("%-10s %10d %16s   %10d %16s", name, theirs.Count, theirs.Amount, ours.Count, ours.Amount)
	}
	row("payments", st.BillPayments, st.OurPayments)
	row("refunds", st.BillRefunds, st.OurRefunds)
	line("%-10s %10s %16s", "fees", "", st.BillFees)
	if st.FlowRows > 0 {
		line("fund flow: %d rows, %s yuan in, %s yuan out, whatever for", st.FlowRows, st.FlowIn.Amount, st.FlowOut.Amount)
	}
	if len(st.Differences) == 0 {
		line("no differences")
		return
	}
	all := int64(0)
	for _, kind := range model.DifferenceKinds {
		if n := st.Differences[kind]; n > 0 {
			line("  %-14s %d", kind, n)
			all += n
		}
	}
	line("%d differences, %d of them open", all, st.Open)
	if st.Unlisted > 0 {
		line("%d of them were only counted: so many mean that this is the bill, or the store, of something else", st.Unlisted)
	}
}

// writeDifferences replaces a file as a whole, or leaves it as it was.
func writeDifferences(ctx context.Context, s *app.Reconciler, path string, f model.DifferenceFilter) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".wxhub-*.csv")
	if err != nil {
		return err
	}
	err = writeCSV(ctx, s, file, f)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

func writeCSV(ctx context.Context, s *app.Reconciler, w io.Writer, f model.DifferenceFilter) error {
	out, err := reconcile.NewCSV(w)
	if err != nil {
		return err
	}
	if err := s.Differences(ctx, f, out.Write); err != nil {
		return err
	}
	return out.Flush()
}

func withReconciler(c *commands, do func(context.Context, *app.Reconciler) error) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	cfg, err := config.Load(c.Config, os.Environ())
	if err != nil {
		return configError{err}
	}
	s, err := app.OpenReconciler(ctx, cfg, app.NewLogger(os.Stderr, slog.LevelWarn))
	if err != nil {
		return err
	}
	err = do(ctx, s)
	if failed := s.Close(); err == nil {
		err = failed
	}
	return err
}
