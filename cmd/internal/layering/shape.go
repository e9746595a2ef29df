package layering

import (
	"go/ast"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

const (
	maxLines  = 500
	maxMedian = 130
)

// What lies at the top. Folders and files that begin with a dot are free.
var (
	mustExist = []string{
		"CHANGELOG.md", "LICENSE", "Makefile", "README.md", "cmd", "config.yaml", "go.mod", "go.sum", "identity", "model", "pay", "server", "wx",
	}
	mayExist = []string{"bin", "data", "coverage*", "*.out", "*.test", "*.db", "*.db-*"} // what .gitignore ignores
)

func (c *checker) topLevel(tree fs.FS) error {
	entries, err := fs.ReadDir(tree, ".")
	if err != nil {
		return err
	}
	missing := slices.Clone(mustExist)
	for _, e := range entries {
		name := e.Name()
		missing = slices.DeleteFunc(missing, func(m string) bool { return m == name })
		ignored := slices.ContainsFunc(mayExist, func(pattern string) bool {
			ok, _ := path.Match(pattern, name) // the patterns are ours and well formed
			return ok
		})
		if !strings.HasPrefix(name, ".") && !slices.Contains(mustExist, name) && !ignored {
			c.complain(name, "does not belong at the top of the repository")
		}
	}
	for _, m := range missing {
		c.complain(m, "is missing at the top of the repository")
	}
	return nil
}

func (c *checker) length(f file) {
	if f.lines > maxLines && !f.generated {
		c.complain(f.path, "has %d lines; split it, %d is the most", f.lines, maxLines)
	}
}

// median is the middle length of the files that people write.
func median(files []file, tests bool) int {
	var lines []int
	for _, f := range files {
		if !f.generated && (tests || !f.test) {
			lines = append(lines, f.lines)
		}
	}
	if len(lines) == 0 {
		return 0
	}
	slices.Sort(lines)
	return lines[len(lines)/2]
}

func (c *checker) median(files []file) {
	if m := median(files, false); m > maxMedian {
		c.complain(".", "half of the files have more than %d lines (with tests: %d); the aim is %d", m, median(files, true), maxMedian)
	}
}

// docs wants a comment above the package clause of one file of each package.
func (c *checker) docs(files []file) {
	documented := map[string]bool{}
	for _, f := range files {
		if f.test {
			continue
		}
		has := f.syntax.Doc != nil && strings.TrimSpace(f.syntax.Doc.Text()) != ""
		documented[f.dir] = documented[f.dir] || has
	}
	for _, dir := range slices.Sorted(maps.Keys(documented)) {
		if !documented[dir] {
			c.complain(dir, "package %s has no package doc; say what it owns and what it leaves to whom", path.Base(dir))
		}
	}
}

// floats keeps floating point away from money: in pay and model there is none.
func (c *checker) floats(f file) {
	if !anyWithin(f.dir, []string{"pay/...", "model/..."}) {
		return
	}
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if slices.Contains([]string{"float32", "float64", "ParseFloat", "FormatFloat"}, n.Name) {
				c.complain(f.position(n), "uses %s; money is model.Fen, an integer", n.Name)
			}
		case *ast.BasicLit:
			if n.Kind == token.FLOAT {
				c.complain(f.position(n), "uses the number %s; money is model.Fen, an integer", n.Value)
			}
		}
		return true
	})
}

func (f file) position(n ast.Node) string { return f.fset.Position(n.Pos()).String() }
