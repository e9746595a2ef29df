package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"wxhub/cmd/wxdemo/stack"
	"wxhub/wx/sandbox"
)

// payerName is the WeChat user of the walk.
const payerName = "payer"

type order struct {
	ID     string    `json:"id"`
	Status string    `json:"status"`
	Amount int64     `json:"amount"`
	PaidAt time.Time `json:"paid_at"`
}

type request struct {
	method, path, bearer string
	body                 any
}

// call makes one call of the API and expects one status.
func (w *walker) call(ctx context.Context, r request, want int, out any) error {
	var body bytes.Buffer
	if r.body != nil {
		if err := json.NewEncoder(&body).Encode(r.body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, r.method, w.stack.URL+r.path, &body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if r.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+r.bearer)
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return err
	}
	if answer.StatusCode != want {
		return fmt.Errorf("%s %s answered %d instead of %d: %s", r.method, r.path, answer.StatusCode, want, raw)
	}
	return json.Unmarshal(raw, out)
}

// facts prints what WeChat saw since the last step.
func (w *walker) facts() {
	entries := w.stack.Sandbox.Log(w.seen)
	if len(entries) > 0 {
		w.seen = entries[len(entries)-1].Seq
	}
	w.out.wire(entries)
}

// payer makes the user of the walk, or finds them.
func (w *walker) payer() (sandbox.User, error) {
	u, err := w.stack.Sandbox.CreateUser(payerName)
	if err != nil {
		return u, errors.New("the sandbox makes no user: " + err.Error())
	}
	return u, nil
}

// miniProgram is the app of the walk: the first mini-program that a merchant is bound to.
func miniProgram(s *stack.Stack) string {
	c := s.Sandbox.Credentials()
	kinds := map[string]string{}
	for _, a := range c.Apps {
		kinds[a.ID] = a.Kind
	}
	for _, id := range c.Merchants[0].AppIDs {
		if kinds[id] == "mini_program" {
			return id
		}
	}
	return ""
}

func merchantOf(s *stack.Stack) string { return s.Sandbox.Credentials().Merchants[0].ID }
