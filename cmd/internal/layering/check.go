package layering

import (
	"fmt"
	"io/fs"
	"slices"
)

// Check returns every violation in a tree whose root is the module's root, each
// as one sentence that begins with the place.
func Check(tree fs.FS) ([]string, error) {
	files, err := parseTree(tree)
	if err != nil {
		return nil, err
	}
	var c checker
	if err := c.topLevel(tree); err != nil {
		return nil, err
	}
	for _, f := range files {
		c.length(f)
		if !f.test {
			c.imports(f)
			c.floats(f)
		}
	}
	c.docs(files)
	c.median(files)
	slices.Sort(c.violations)
	return c.violations, nil
}

type checker struct {
	violations []string
}

func (c *checker) complain(place, format string, args ...any) {
	c.violations = append(c.violations, place+": "+fmt.Sprintf(format, args...))
}
