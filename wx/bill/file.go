package bill

import (
	"io"
	"os"

	"wxhub/wx"
)

// File is a bill in a file.
type File struct {
	f      *os.File
	size   int64
	remove bool
}

var _ wx.Bill = (*File)(nil)

// Open opens a bill that an operator has: nothing but its own totals vouches for it.
func Open(path string) (*File, error) {
	f, err := os.Open(path) //nolint:gosec // the operator names it
	if err != nil {
		return nil, err
	}
	return sized(&File{f: f})
}

// Spooled makes a bill of a file that has been written. Its name is removed now, where the
// system allows that for an open file, so that not even a crash leaves it; else at the end.
func Spooled(f *os.File) (*File, error) {
	return sized(&File{f: f, remove: os.Remove(f.Name()) != nil})
}

func sized(b *File) (*File, error) {
	info, err := b.f.Stat()
	if err != nil {
		_ = b.Close()
		return nil, err
	}
	b.size = info.Size()
	return b, nil
}

// Trades reads it from the beginning as a trade bill.
func (b *File) Trades(each func(wx.TradeRow) error) error {
	return Trades(b.whole(), each)
}

// Flows reads it from the beginning as a fund-flow bill.
func (b *File) Flows(each func(wx.FlowRow) error) error {
	return Flows(b.whole(), each)
}

func (b *File) whole() io.Reader { return io.NewSectionReader(b.f, 0, b.size) }

// Size is in bytes.
func (b *File) Size() int64 { return b.size }

// Close closes the file, and removes it when it was spooled.
func (b *File) Close() error {
	err := b.f.Close()
	if b.remove {
		if failed := os.Remove(b.f.Name()); err == nil {
			err = failed
		}
	}
	return err
}

// Empty is the bill of a day on which nothing happened: WeChat Pay makes none.
type Empty struct{}

// Trades has no rows.
func (Empty) Trades(func(wx.TradeRow) error) error { return nil }

// Flows has no rows.
func (Empty) Flows(func(wx.FlowRow) error) error { return nil }

// Size is 0.
func (Empty) Size() int64 { return 0 }

// Close does nothing.
func (Empty) Close() error { return nil }
