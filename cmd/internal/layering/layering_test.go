package layering

import (
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// TestRepository holds this repository to the rules.
func TestRepository(t *testing.T) {
	violations, err := Check(os.DirFS("../../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range violations {
		t.Error(v)
	}
}

// TestRepositoryIsSeen makes sure that the test above looks at something.
func TestRepositoryIsSeen(t *testing.T) {
	files, err := parseTree(os.DirFS("../../.."))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, f := range files {
		top, _, _ := strings.Cut(f.path, "/")
		seen[top]++
	}
	for _, top := range []string{"cmd", "server", "identity", "pay", "wx", "model"} {
		if seen[top] == 0 {
			t.Errorf("no Go file under %s was read", top)
		}
	}
	t.Logf("%d files, median %d lines without tests, %d with", len(files), median(files, false), median(files, true))
}

// miniature is a tree that follows every rule.
func miniature() fstest.MapFS {
	tree := fstest.MapFS{
		".git/config": {}, ".gitignore": {}, "data/wxhub.db": {}, "bin/wxhub": {}, "cover.out": {},
		"cmd/wxhub/main.go":     src("main", "wxhub/cmd/internal/app"),
		"cmd/wxdemo/main.go":    src("main", "wxhub/cmd/internal/app", "wxhub/wx/sandbox"),
		"cmd/wxsandbox/main.go": src("main", "wxhub/wx/sandbox"),
		"cmd/internal/app/a.go": src("app", "wxhub/server", "wxhub/wx/mini", "wxhub/model/redisstore", "wxhub/identity", "wxhub/pay"),
		"server/s.go":           src("server", "wxhub/server/login", "net/http"),
		"server/login/l.go":     src("login", "wxhub/identity", "wxhub/model", "wxhub/wx"),
		"server/login/l_test.go": src("login_test", "wxhub/model/sqlitestore", "wxhub/wx/sandbox",
			"github.com/silenceper/wechat/v2", "github.com/redis/go-redis/v9"),
		"identity/i.go":                   src("identity", "wxhub/model", "wxhub/wx"),
		"identity/identitytest/i.go":      src("identitytest", "wxhub/identity"),
		"model/redisstore/redistest/r.go": src("redistest", "wxhub/identity/identitytest", "wxhub/identity"),
		"pay/p.go":                        src("pay", "wxhub/model"),
		"wx/w.go":                         src("wx", "wxhub/model"),
		"wx/mini/m.go":                    src("mini", "wxhub/wx", "wxhub/wx/transport", "github.com/silenceper/wechat/v2/miniprogram"),
		"wx/transport/t.go":               src("transport"),
		"wx/sandbox/s.go":                 src("sandbox", "wxhub/wx/sandbox/apiv3"),
		"wx/sandbox/apiv3/a.go":           src("apiv3"),
		"model/m.go":                      src("model"),
		"model/redisstore/r.go":           src("redisstore", "wxhub/model", "wxhub/model/redisstore/lock", "github.com/redis/go-redis/v9"),
		"model/redisstore/lock/l.go":      src("lock", "github.com/redis/go-redis/v9"),
		"model/sqlitestore/s.go":          src("sqlitestore", "database/sql", "modernc.org/sqlite"),
		"model/own/go.mod":                {Data: []byte("module other\n")},
		"model/own/x.go":                  src("own", "wxhub/server", "modernc.org/sqlite"),
		"pay/testdata/x.go":               {Data: []byte("package broken {")},
	}
	for _, name := range []string{"CHANGELOG.md", "LICENSE", "Makefile", "README.md", "config.yaml", "go.mod", "go.sum"} {
		tree[name] = &fstest.MapFile{}
	}
	return tree
}

// src is a documented package that imports what is named.
func src(name string, imports ...string) *fstest.MapFile {
	text := "// Package " + name + " is an example.\npackage " + name + "\n"
	for _, i := range imports {
		text += fmt.Sprintf("import _ %q\n", i)
	}
	return &fstest.MapFile{Data: []byte(text)}
}

func text(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

func TestMiniature(t *testing.T) {
	if violations, err := Check(miniature()); err != nil || len(violations) != 0 {
		t.Errorf("got %q, %v; want none", violations, err)
	}
}

// TestViolations breaks one rule at a time: each must be found, and nothing else.
func TestViolations(t *testing.T) {
	long := strings.Repeat("// a line\n", maxLines)
	for name, c := range map[string]struct {
		changes fstest.MapFS // nil removes the file
		want    string
	}{
		"server → store":       {fstest.MapFS{"server/x.go": src("server", "wxhub/model/redisstore")}, "server/x.go: imports model/redisstore"},
		"server → wx/mini":     {fstest.MapFS{"server/login/x.go": src("login", "wxhub/wx/mini")}, "server/login/x.go: imports wx/mini"},
		"server → cmd":         {fstest.MapFS{"server/x.go": src("server", "wxhub/cmd/internal/app")}, "imports cmd/internal/app"},
		"server → SDK":         {fstest.MapFS{"server/x.go": src("server", "github.com/wechatpay-apiv3/wechatpay-go/core")}, "a WeChat SDK belongs to wx"},
		"server → driver":      {fstest.MapFS{"server/x.go": src("server", "go.mongodb.org/mongo-driver/v2/mongo")}, "a driver belongs to a store"},
		"client → model":       {fstest.MapFS{"server/client/x.go": src("client", "wxhub/model")}, "server/client/... may import nothing of ours"},
		"identity → pay":       {fstest.MapFS{"identity/x.go": src("identity", "wxhub/pay")}, "identity/... may import identity/..., wx, model"},
		"pay → test support":   {fstest.MapFS{"pay/x.go": src("pay", "wxhub/pay/paytest")}, "pay/x.go: imports pay/paytest: that is for tests only"},
		"support → SDK":        {fstest.MapFS{"pay/paytest/x.go": src("paytest", "github.com/silenceper/wechat/v2")}, "a WeChat SDK belongs to wx"},
		"pay → identity":       {fstest.MapFS{"pay/x.go": src("pay", "wxhub/identity")}, "pay/x.go: imports identity"},
		"pay → server":         {fstest.MapFS{"pay/x.go": src("pay", "wxhub/server")}, "pay/x.go: imports server"},
		"wx → pay":             {fstest.MapFS{"wx/mini/x.go": src("mini", "wxhub/pay")}, "wx/... may import wx/..., model"},
		"wx → sandbox":         {fstest.MapFS{"wx/mini/x.go": src("mini", "wxhub/wx/sandbox")}, "only cmd/wxsandbox, cmd/wxdemo and tests"},
		"wx → driver":          {fstest.MapFS{"wx/x.go": src("wx", "github.com/redis/go-redis/v9")}, "wx/x.go: imports github.com/redis/go-redis/v9"},
		"wxhub → sandbox":      {fstest.MapFS{"cmd/wxhub/x.go": src("main", "wxhub/wx/sandbox/apiv3")}, "cmd/wxhub/x.go: imports wx/sandbox/apiv3"},
		"app → sandbox":        {fstest.MapFS{"cmd/internal/app/x.go": src("app", "wxhub/wx/sandbox")}, "cmd/internal/app/x.go: imports wx/sandbox"},
		"wxhub → wxdemo":       {fstest.MapFS{"cmd/wxhub/x.go": src("main", "wxhub/cmd/wxdemo/walk")}, "imports cmd/wxdemo/walk"},
		"wxsandbox → server":   {fstest.MapFS{"cmd/wxsandbox/x.go": src("main", "wxhub/server")}, "imports server"},
		"sandbox → ours":       {fstest.MapFS{"wx/sandbox/x.go": src("sandbox", "wxhub/wx/transport")}, "wx/sandbox/... may import wx/sandbox/..."},
		"sandbox → model":      {fstest.MapFS{"wx/sandbox/apiv3/x.go": src("apiv3", "wxhub/model")}, "imports model"},
		"sandbox → SDK":        {fstest.MapFS{"wx/sandbox/x.go": src("sandbox", "github.com/silenceper/wechat/v2")}, "not to the sandbox"},
		"model → store":        {fstest.MapFS{"model/x.go": src("model", "wxhub/model/redisstore")}, "model may import nothing of ours"},
		"model → driver":       {fstest.MapFS{"model/x.go": src("model", "database/sql")}, "model/x.go: imports database/sql"},
		"store → identity":     {fstest.MapFS{"model/redisstore/x.go": src("redisstore", "wxhub/identity")}, "model/... may import model"},
		"store → store":        {fstest.MapFS{"model/redisstore/x.go": src("redisstore", "wxhub/model/sqlitestore")}, "imports model/sqlitestore"},
		"cmd → driver":         {fstest.MapFS{"cmd/internal/app/x.go": src("app", "modernc.org/sqlite")}, "a driver belongs"},
		"build tag is no door": {fstest.MapFS{"pay/x_windows.go": src("pay", "wxhub/server")}, "pay/x_windows.go: imports server"},
		"unknown command":      {fstest.MapFS{"cmd/extra/x.go": src("main", "wxhub/model")}, "no layer covers cmd/extra"},
		"package at the root":  {fstest.MapFS{"x.go": src("wxhub", "wxhub/model")}, "x.go: does not belong at the top\x00no layer covers ."},
		"folder at the top":    {fstest.MapFS{"util/x.go": src("util")}, "util: does not belong at the top"},
		"file at the top":      {fstest.MapFS{"TODO": {}}, "TODO: does not belong at the top"},
		"README is missing":    {fstest.MapFS{"README.md": nil}, "README.md: is missing"},
		"no package doc":       {fstest.MapFS{"server/user/x.go": text("package user\n")}, "package user has no package doc"},
		"detached package doc": {fstest.MapFS{"server/user/x.go": text("// Package user.\n\npackage user\n")}, "package user has no package doc"},
		"long file":            {fstest.MapFS{"pay/x.go": text("package pay\n" + long)}, "pay/x.go: has 501 lines"},
		"long test":            {fstest.MapFS{"pay/x_test.go": text("package pay\n" + long)}, "pay/x_test.go: has 501 lines"},
		"float type":           {fstest.MapFS{"pay/x.go": text("package pay\nvar x float64\n")}, "pay/x.go:2:7: uses float64"},
		"float number":         {fstest.MapFS{"model/x.go": text("package model\nvar x = 0.01\n")}, "model/x.go:2:9: uses the number 0.01"},
		"float from text":      {fstest.MapFS{"pay/x.go": text("package pay\nvar x, _ = strconv.ParseFloat(s, 64)\n")}, "uses ParseFloat"},
	} {
		t.Run(name, func(t *testing.T) {
			violations, err := Check(changed(c.changes))
			if err != nil {
				t.Fatal(err)
			}
			wants := strings.Split(c.want, "\x00")
			if len(violations) != len(wants) {
				t.Fatalf("got %q, want %q", violations, wants)
			}
			for _, want := range wants {
				if !strings.Contains(strings.Join(violations, "\n"), want) {
					t.Errorf("got %q, want %q", violations, want)
				}
			}
		})
	}
}

func changed(changes fstest.MapFS) fstest.MapFS {
	tree := miniature()
	maps.Copy(tree, changes)
	maps.DeleteFunc(tree, func(_ string, f *fstest.MapFile) bool { return f == nil })
	return tree
}

// TestMedian: short files outweigh one long file, but not many.
func TestMedian(t *testing.T) {
	changes := fstest.MapFS{"pay/g.go": text("// Code generated by x. DO NOT EDIT.\n\npackage pay\n" + strings.Repeat("\n", 2*maxLines))}
	for i := range 40 {
		changes[fmt.Sprintf("pay/x%d.go", i)] = text("package pay\n" + strings.Repeat("\n", maxMedian))
	}
	violations, err := Check(changed(changes))
	if err != nil || len(violations) != 1 || !strings.Contains(violations[0], "more than 131 lines") {
		t.Errorf("got %q, %v", violations, err)
	}
}

// TestBrokenFile: a file that cannot be read must not count as one that is in order.
func TestBrokenFile(t *testing.T) {
	if _, err := Check(changed(fstest.MapFS{"pay/x.go": text("package pay {")})); err == nil {
		t.Error("a file that is not Go was passed over")
	}
}
