package bill

import (
	"errors"
	"fmt"
	"io"

	"wxhub/wx"
)

// total is a number at the end of a bill, and what it must be the sum of.
type total struct {
	name    string
	columns []string // names of the column that it sums up
	rounded bool     // it may be the sum of what was rounded before: half a fen a row
}

// sum is a total as it grows.
type sum struct {
	total
	column int
	value  wx.Fee
}

// sums are those totals whose column the bill has.
type sums struct {
	rows int64
	of   []sum
}

func (s *sheet) sums(of []total) *sums {
	out := &sums{}
	for _, t := range of {
		if at := s.column(t.columns...); at >= 0 {
			out.of = append(out.of, sum{total: t, column: at})
		}
	}
	return out
}

// add counts the row that was read.
func (x *sums) add(s *sheet) error {
	x.rows++
	for i := range x.of {
		amount, err := yuan(s.cell(x.of[i].column))
		if err == nil {
			x.of[i].value, err = plus(x.of[i].value, amount)
		}
		if err != nil {
			return s.faultAt(x.of[i].column, err.Error())
		}
	}
	return nil
}

// check reads the totals, whose header was read last, and compares.
func (x *sums) check(s *sheet, count string, counts map[string]int64) error {
	names := make([]string, 0, len(s.cells))
	for _, name := range s.cells {
		names = append(names, normal(name))
	}
	text, err := s.next()
	if errors.Is(err, io.EOF) {
		return s.fault("", "the bill ends before its totals: it is not complete")
	}
	if err != nil {
		return err
	}
	if cells := s.split(text); len(cells) != len(names) {
		return s.fault("", fmt.Sprintf("%d totals, their header has %d", len(cells), len(names)))
	}
	s.names = names
	counts[count] = x.rows
	for name, want := range counts {
		if err := s.expect(name, wx.Fee(want*100_000), 0); err != nil {
			return err
		}
	}
	for _, one := range x.of {
		slack := wx.Fee(0)
		if one.rounded {
			slack = wx.Fee(500 * (x.rows + 1))
		}
		if err := s.expect(one.name, one.value, slack); err != nil {
			return err
		}
	}
	if _, err := s.next(); !errors.Is(err, io.EOF) {
		if err != nil {
			return err
		}
		return s.fault("", "something follows the totals")
	}
	return nil
}

// expect compares one total. One that the bill does not have says nothing.
func (s *sheet) expect(name string, want, slack wx.Fee) error {
	at := s.column(name)
	if at < 0 {
		return nil
	}
	if s.cell(at) == "" {
		return s.faultAt(at, "the total is missing")
	}
	says, err := yuan(s.cell(at))
	if err != nil {
		return s.faultAt(at, err.Error())
	}
	if off := says - want; off > slack || -off > slack {
		return s.faultAt(at, "the rows do not add up to this total: the bill is damaged or not complete")
	}
	return nil
}
