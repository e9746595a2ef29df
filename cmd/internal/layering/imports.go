package layering

import (
	"strconv"
	"strings"
)

const module = "wxhub"

// layer says what packages of ours a part of the tree may import. "x/..." means x
// and all below it, "x" means x alone.
type layer struct {
	part string
	may  []string
}

// layers is the dependency rule; the first part that matches a package counts.
var layers = []layer{
	{"cmd/wxdemo/...", []string{"cmd/wxdemo/...", "cmd/internal/...", "server/...", "identity/...", "pay/...", "wx/...", "model/..."}},
	{"cmd/wxsandbox/...", []string{"cmd/wxsandbox/...", "wx/sandbox/..."}},
	{"cmd/internal/...", []string{"cmd/internal/...", "server/...", "identity/...", "pay/...", "wx/...", "model/..."}},
	{"cmd/wxhub/...", []string{"cmd/wxhub/...", "cmd/internal/...", "server/...", "identity/...", "pay/...", "wx/...", "model/..."}},
	{"server/client/...", nil}, // customers copy it
	{"server/...", []string{"server/...", "identity", "pay", "pay/applyment", "wx", "model"}},
	{"identity/...", []string{"identity/...", "wx", "model"}},
	{"pay/...", []string{"pay/...", "wx", "model"}},
	{"wx/sandbox/...", []string{"wx/sandbox/..."}},
	{"wx/...", []string{"wx/...", "model"}},
	{"model", nil},
	{"model/...", []string{"model"}},
}

// The simulator must never be reachable in production, so only two commands may
// name it, whatever the table above says about wx.
const sandbox = "wx/sandbox/..."

var sandboxUsers = []string{sandbox, "cmd/wxsandbox/...", "cmd/wxdemo/..."}

// foreign says where modules that must not spread may be imported.
type foreign struct {
	what    string
	modules []string
	allowed func(dir string) bool
}

var foreigners = []foreign{
	{
		what:    "a WeChat SDK belongs to wx, and not to the sandbox that checks it",
		modules: []string{"github.com/silenceper/wechat", "github.com/wechatpay-apiv3/wechatpay-go", "github.com/go-pay/gopay", "github.com/ArtisanCloud/PowerWeChat"},
		allowed: func(dir string) bool { return within(dir, "wx/...") && !within(dir, sandbox) },
	},
	{
		what: "a driver belongs to a store, model/…store",
		modules: []string{
			"modernc.org/sqlite", "go.mongodb.org/mongo-driver", "database/sql", "github.com/redis/go-redis", "github.com/alicebob/miniredis",
		},
		allowed: isStore,
	},
}

// isStore reports whether a package belongs to a store, such as model/redisstore.
func isStore(dir string) bool {
	below, ok := strings.CutPrefix(dir, "model/")
	store, _, _ := strings.Cut(below, "/")
	return ok && strings.HasSuffix(store, "store")
}

// support reports whether a package exists for tests, as identity/identitytest does.
func support(dir string) bool { return strings.HasSuffix(dir, "test") }

// within reports whether dir is what pattern names.
func within(dir, pattern string) bool {
	root, deep := strings.CutSuffix(pattern, "/...")
	return dir == root || deep && strings.HasPrefix(dir, root+"/")
}

func anyWithin(dir string, patterns []string) bool {
	for _, p := range patterns {
		if within(dir, p) {
			return true
		}
	}
	return false
}

func (c *checker) imports(f file) {
	for _, spec := range f.syntax.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has refused it already
		}
		if ours, ok := strings.CutPrefix(name, module+"/"); ok || name == module {
			c.own(f, ours)
			continue
		}
		for _, x := range foreigners {
			for _, m := range x.modules {
				if within(name, m+"/...") && !x.allowed(f.dir) {
					c.complain(f.path, "imports %s, but %s", name, x.what)
				}
			}
		}
	}
}

// own checks an import of a package of ours. Test support may import what tests
// may, because only tests import it.
func (c *checker) own(f file, dir string) {
	if support(f.dir) {
		return
	}
	if support(dir) {
		c.complain(f.path, "imports %s: that is for tests only", dir)
		return
	}
	if within(dir, sandbox) && !anyWithin(f.dir, sandboxUsers) {
		c.complain(f.path, "imports %s: only cmd/wxsandbox, cmd/wxdemo and tests may reach the sandbox", dir)
		return
	}
	for _, l := range layers {
		if !within(f.dir, l.part) {
			continue
		}
		if !anyWithin(dir, l.may) && !sameStore(f.dir, dir) {
			c.complain(f.path, "imports %s; %s may import %s", dir, l.part, list(l.may))
		}
		return
	}
	c.complain(f.path, "imports %s, but no layer covers %s", dir, f.dir)
}

// sameStore lets the packages of one store, such as model/redisstore/…, see each other.
func sameStore(from, to string) bool {
	return isStore(from) && isStore(to) && strings.Split(from, "/")[1] == strings.Split(to, "/")[1]
}

func list(patterns []string) string {
	if len(patterns) == 0 {
		return "nothing of ours"
	}
	return strings.Join(patterns, ", ")
}
