package main

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestMain lets the test binary be wxdemo itself: a process that can be killed.
func TestMain(m *testing.M) {
	if os.Getenv("WXHUB_TEST_RUN_MAIN") == "1" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func demo(dir string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "--once", "--data", dir)
	cmd.Env = append(os.Environ(), "WXHUB_TEST_RUN_MAIN=1")
	return cmd
}

// The demo is killed after each of its steps and started again in the same
// directory: it always walks to the end, and the payer is the same person.
func TestOnceSurvivesBeingKilledHalfWay(t *testing.T) {
	dir := t.TempDir()
	for _, after := range []string{"1. Log in", "2. Create", "3. Prepay", "4. Confirm", "5. Paid", "6. Tell", "7. Recognised"} {
		cmd := demo(dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if strings.Contains(lines.Text(), after) {
				break
			}
		}
		_ = cmd.Process.Kill() // it may have ended already
		_ = cmd.Wait()
	}
	out, err := demo(dir).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"7. Recognised at another door", "8. A forged notification is refused", "known from an earlier run", "The order is paid"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("does not say %q:\n%s", want, out)
		}
	}
}
