package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// barWidth is in characters.
const barWidth = 40

// bar shows on a terminal how far a command is. Elsewhere it is silent.
type bar struct {
	w     io.Writer // nil: not a terminal
	shown int64     // percent
}

func newBar(f *os.File) *bar {
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return &bar{}
	}
	return &bar{w: f, shown: -1}
}

// show draws it again when a percent more is done.
func (b *bar) show(done, all int64) {
	if b.w == nil || all <= 0 {
		return
	}
	percent := min(done*100/all, 100)
	if percent == b.shown {
		return
	}
	b.shown = percent
	full := int(percent) * barWidth / 100
	_, _ = fmt.Fprintf(b.w, "\r[%s%s] %3d %%", strings.Repeat("#", full), strings.Repeat(".", barWidth-full), percent)
}

// clear takes it away.
func (b *bar) clear() {
	if b.w != nil && b.shown >= 0 {
		_, _ = fmt.Fprintf(b.w, "\r%s\r", strings.Repeat(" ", barWidth+8))
	}
}
