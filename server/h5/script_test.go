package h5

import (
	"os/exec"
	"regexp"
	"testing"
)

// TestScripts runs the unit tests of the scripts in Node.
func TestScripts(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("this test needs node on the PATH; install nodejs (apt, brew, dnf …) and try again")
	}
	out, err := exec.CommandContext(t.Context(), node, "--test", "testdata/script.test.js").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// newer is what an old web view does not understand.
var newer = regexp.MustCompile("=>|`|\\b(let|const|class|async|await|import|export)\\s|\\.\\.\\.[a-z]|\\?\\.|fetch\\(|\\.includes\\(|Object\\.assign")

// comment may say what it likes.
var comment = regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*`)

func TestScriptsAreES5(t *testing.T) {
	for name, a := range assets {
		if a.kind != assetKinds[".js"] {
			continue
		}
		if found := newer.Find(comment.ReplaceAll(a.body, nil)); found != nil {
			t.Errorf("%s has %q", name, found)
		}
	}
	if !newer.MatchString("var f = () => 1;") {
		t.Error("the test finds nothing")
	}
}
