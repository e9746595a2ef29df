package bill

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"wxhub/wx"
)

// maxLine is much more than a row has: 127 characters of description, 128 of attach.
const maxLine = 64 << 10

const mark = "`"

// sheet reads the lines of a bill as cells.
type sheet struct {
	in    *bufio.Reader
	line  int   // of the row read last, from 1
	end   int64 // offset behind it
	cells []string
	names []string // the header
}

func newSheet(r io.Reader) *sheet { return &sheet{in: bufio.NewReaderSize(r, maxLine)} }

// next reads a line that is not blank. It returns io.EOF at the end of the file.
func (s *sheet) next() (text string, err error) {
	for {
		raw, err := s.in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			s.line++
			return "", s.fault("", "the line is too long")
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		if len(raw) == 0 {
			return "", io.EOF
		}
		s.line++
		s.end += int64(len(raw))
		if s.line == 1 {
			raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
		}
		raw = bytes.TrimRight(raw, "\r\n")
		if len(bytes.TrimSpace(raw)) > 0 {
			return string(raw), nil
		}
	}
}

// split cuts a line into cells. With backticks, only a comma before a backtick separates.
func (s *sheet) split(text string) []string {
	s.cells = s.cells[:0]
	separator := ","
	if rest, marked := strings.CutPrefix(text, mark); marked {
		text, separator = rest, ","+mark
	}
	for {
		cell, rest, more := strings.Cut(text, separator)
		s.cells = append(s.cells, cell)
		if !more {
			return s.cells
		}
		text = rest
	}
}

// header reads the names of the columns.
func (s *sheet) header() error {
	text, err := s.next()
	if errors.Is(err, io.EOF) {
		s.line = 1
		return s.fault("", "the bill is empty: it has not even a header")
	}
	if err != nil {
		return err
	}
	for _, name := range s.split(text) {
		s.names = append(s.names, normal(name))
	}
	return nil
}

// spelling makes one of the two widths in which brackets are written.
var spelling = strings.NewReplacer("（", "(", "）", ")", mark, "")

// normal is a column's name in one spelling.
func normal(name string) string { return strings.TrimSpace(spelling.Replace(name)) }

// column finds the first of several names; -1 when there is none of them.
func (s *sheet) column(names ...string) int {
	for _, name := range names {
		for i, n := range s.names {
			if n == name {
				return i
			}
		}
	}
	return -1
}

// need is column for one that a bill must have.
func (s *sheet) need(names ...string) (int, error) {
	if i := s.column(names...); i >= 0 {
		return i, nil
	}
	return -1, s.fault(names[0], "the header has no such column")
}

// row reads a row; false at the line that begins the totals, whose cells are left in s.
func (s *sheet) row(totals string) (bool, error) {
	text, err := s.next()
	if errors.Is(err, io.EOF) {
		return false, s.fault("", "the bill ends before its totals: it is not complete")
	}
	if err != nil {
		return false, err
	}
	cells := s.split(text)
	if !strings.HasPrefix(text, mark) && slices.ContainsFunc(cells, func(name string) bool { return normal(name) == totals }) {
		return false, nil
	}
	if len(cells) != len(s.names) {
		return false, s.fault("", fmt.Sprintf("%d cells, the header has %d", len(cells), len(s.names)))
	}
	return true, nil
}

// cell is the text of a column, "" when the bill does not have it.
func (s *sheet) cell(column int) string {
	if column < 0 {
		return ""
	}
	return strings.TrimSpace(s.cells[column])
}

// number is cell for a number of a merchant's or WeChat's, which "0" is not.
func (s *sheet) number(column int) string {
	if n := s.cell(column); n != "0" {
		return n
	}
	return ""
}

// fault is an error that names the place and not what stands there.
func (s *sheet) fault(column, reason string) error {
	if column != "" {
		column = ", column " + column
	}
	return wx.ErrBillUnreadable.Because(fmt.Errorf("line %d%s: %s", s.line, column, reason))
}

// faultAt is fault for a column by its index.
func (s *sheet) faultAt(column int, reason string) error {
	name := ""
	if column >= 0 {
		name = s.names[column]
	}
	return s.fault(name, reason)
}
