package miniprogramtest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// patience bounds a run of Node, so that a script that hangs fails. None of them measures speed.
const patience = 4 * time.Minute

// node runs Node in testdata, with env besides ours, and returns what it printed.
func node(t *testing.T, env []string, args ...string) (string, error) {
	t.Helper()
	program, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("this test needs node 20 on the PATH; install nodejs (apt, brew, dnf …) and try again")
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, program, args...)
	c.WaitDelay = time.Second // a child of Node's may hold the output
	c.Dir, c.Env = "testdata", append(os.Environ(), env...)
	out, err := c.CombinedOutput()
	return string(out), err
}

// row is one file of the coverage report of node --test: lines, branches and functions in per cent.
var row = regexp.MustCompile(`(?m)^# *(\S+\.js) *\| *([0-9.]+) *\| *([0-9.]+) *\| *([0-9.]+) *\|`)

// TestEveryBranch runs the unit tests and wants all of the SDK covered.
func TestEveryBranch(t *testing.T) {
	files, err := filepath.Glob("testdata/*.test.js")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"--test", "--experimental-test-coverage", "--test-reporter=tap"}
	for _, f := range files {
		args = append(args, filepath.Base(f))
	}
	out, err := node(t, nil, args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	covered := map[string]bool{}
	for _, m := range row.FindAllStringSubmatch(out, -1) {
		if strings.Contains(m[1], "/") && !strings.Contains(m[1], "wxhub/") {
			continue
		}
		name := filepath.Base(m[1])
		covered[name] = true
		if slices.Contains(sdk(t), name) && !slices.Equal(m[2:], []string{"100.00", "100.00", "100.00"}) {
			t.Errorf("%s: lines, branches and functions are covered to %s per cent", name, strings.Join(m[2:], ", "))
		}
	}
	for _, name := range sdk(t) {
		if !covered[name] {
			t.Errorf("%s is not in the coverage report:\n%s", name, out)
		}
	}
}

const sdkDir = "../miniprogram/wxhub"

// sdk lists the scripts of the SDK.
func sdk(t *testing.T) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(sdkDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".js" {
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		t.Fatal("there is no SDK")
	}
	return names
}

// newer is what a base library without the developer tools' transpiler does not understand.
var newer = regexp.MustCompile("=>|`|\\b(let|const|class|async|await|import|export)\\s|\\.\\.\\.[a-z]|\\?\\.|fetch\\(|\\.includes\\(|Object\\.(assign|entries|values)|\\.finally\\(|\\bfor \\(var \\w+ of")

// comment may say what it likes.
var comment = regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*`)

// TestTheSDKIsES5 keeps the SDK loadable as it is, whatever "ES6 to ES5" is set to.
func TestTheSDKIsES5(t *testing.T) {
	for _, name := range sdk(t) {
		text, err := os.ReadFile(filepath.Join(sdkDir, name))
		if err != nil {
			t.Fatal(err)
		}
		if found := newer.Find(comment.ReplaceAll(text, nil)); found != nil {
			t.Errorf("%s has %q", name, found)
		}
	}
	if !newer.MatchString("var f = () => 1;") {
		t.Error("the test finds nothing")
	}
}

// TestTypes compiles what a mini-program in TypeScript would write.
func TestTypes(t *testing.T) {
	tsc, err := exec.LookPath("tsc")
	if err != nil {
		if os.Getenv("WXHUB_TEST_REQUIRE_TSC") != "" {
			t.Fatal("this test needs tsc on the PATH; install node-typescript (apt) or typescript (npm) and try again")
		}
		t.Skip("tsc is not installed; make test installs it")
	}
	c := exec.CommandContext(t.Context(), tsc, "--noEmit", "--strict", "--target", "es2018", "--moduleResolution", "node", "testdata/types.ts")
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestWeChatsCompilers has WeChat's own compilers read the example's pages. They are in the npm
// package miniprogram-compiler; WXHUB_TEST_WCC is the folder that has wcc and wcsc.
func TestWeChatsCompilers(t *testing.T) {
	dir := os.Getenv("WXHUB_TEST_WCC")
	if dir == "" {
		t.Skip("set WXHUB_TEST_WCC to a folder with wcc and wcsc, from the npm package miniprogram-compiler")
	}
	for compiler, pattern := range map[string]string{"wcc": "pages/*/*.wxml", "wcsc": "pages/*/*.wxss"} {
		files, err := filepath.Glob(filepath.Join("../miniprogram", pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %v", pattern, files, err)
		}
		for _, f := range files {
			c := exec.CommandContext(t.Context(), filepath.Join(dir, compiler), "-o", filepath.Join(t.TempDir(), "out"), f)
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", f, err, out)
			}
		}
	}
}
