package main

import (
	"context"
	"fmt"
	"os"

	"wxhub/cmd/internal/app"
	"wxhub/model"
)

type differencesCommand struct {
	List    differencesList    `cmd:"" help:"List differences between bills and orders; exit 3 when any are open."`
	Resolve differencesResolve `cmd:"" help:"Say that a difference has been seen to. It is not reported again unless it changes."`
}

type (
	differencesList struct {
		Merchant    string `help:"Merchant id." placeholder:"ID"`
		SubMerchant string `help:"Sub merchant id." placeholder:"ID"`
		Date        string `help:"The day in China." placeholder:"YYYY-MM-DD"`
		Status      string `help:"open, repaired, resolved, vanished or all." default:"open" enum:"open,repaired,resolved,vanished,all"`
		Out         string `help:"Write them here, as CSV." placeholder:"FILE.csv"`
	}
	differencesResolve struct {
		ID   string `arg:"" help:"Id of the difference."`
		Note string `help:"What was done." required:"" placeholder:"TEXT"`
	}
)

// Run lists.
func (l differencesList) Run(c *commands) error {
	return withReconciler(c, func(ctx context.Context, s *app.Reconciler) error {
		f := model.DifferenceFilter{MerchantID: l.Merchant, SubMerchantID: l.SubMerchant, Date: l.Date}
		if l.Status != "all" {
			f.Status = model.DifferenceStatus(l.Status)
		}
		n, open := 0, 0
		err := s.Differences(ctx, f, func(d model.Difference) error {
			n++
			if d.Status == model.DifferenceOpen {
				open++
			}
			if l.Out == "" {
				fmt.Println(sentence(d))
			}
			return nil
		})
		if err != nil {
			return err
		}
		if l.Out != "" {
			if err := writeDifferences(ctx, s, l.Out, f); err != nil {
				return err
			}
		}
		if open > 0 {
			return differs{fmt.Errorf("%d open; when one has been seen to: wxhub differences resolve ID --note TEXT", open)}
		}
		if n == 0 {
			fmt.Println("none")
		}
		return nil
	})
}

// sentence is a difference in one line. Numbers of others are quoted: they may hold anything.
func sentence(d model.Difference) string {
	who := d.MerchantID
	if d.SubMerchantID != "" {
		who += "/" + d.SubMerchantID
	}
	text := fmt.Sprintf("%s  %s %s  %s %s %q: bill %s yuan (%q), ours %s yuan (%s), %s",
		d.ID, d.Date, who, d.Kind, d.Entry, d.Number, d.BillAmount, d.BillStatus, d.OurAmount, orNone(d.OurStatus), d.Status)
	if d.Note != "" {
		text += fmt.Sprintf(": %q", d.Note)
	}
	return text
}

// Run resolves one.
func (r differencesResolve) Run(c *commands) error {
	return withReconciler(c, func(ctx context.Context, s *app.Reconciler) error {
		d, err := s.Resolve(ctx, r.ID, r.Note)
		if err != nil {
			return usage(err)
		}
		_, err = fmt.Fprintln(os.Stdout, sentence(d))
		return err
	})
}
